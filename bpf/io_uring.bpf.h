/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Requests made through io_uring are no system calls: they are counted, so that a capture can say what it did not see. */
#pragma once

/* By IORING_OP_*: READV, WRITEV, SENDMSG, RECVMSG, READ, WRITE, SEND, RECV, SPLICE, SEND_ZC, SENDMSG_ZC. */
static const volatile __u8 moves_bytes[64] = {
	[1] = 1, [2] = 1, [9] = 1, [10] = 1, [22] = 1, [23] = 1, [26] = 1, [27] = 1, [30] = 1, [47] = 1, [48] = 1,
};

SEC("?tp_btf/io_uring_submit_req")
int BPF_PROG(on_io_uring, struct io_kiocb *request)
{
	__u32 zero = 0;
	__u8 operation = request->opcode;

	if (operation >= 64 || !moves_bytes[operation] || !is_target(bpf_get_current_pid_tgid() >> 32))
		return 0;
	struct capture_counters *count = bpf_map_lookup_elem(&counters, &zero);
	if (count)
		count->io_uring++;
	return 0;
}
