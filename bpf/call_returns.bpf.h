/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What only the return of a system call tells, for recordings that see calls at the sockets: that a thread has come back from
 * epoll_wait, and who sent a datagram, which the kernel writes down last. The agent attaches this once somebody has use for it.
 */
#pragma once

/* A datagram that anybody may have sent was received: the rest is for the call's return. */
static __always_inline bool awaits_return(struct pending_call *call, __u8 abi, bool egress)
{
	__u32 zero = 0, *watched = bpf_map_lookup_elem(&phase, &zero);

	if (egress || call->facts.family == AF_UNIX || call->facts.protocol != IPPROTO_UDP)
		return false;
	if (!watched || !(*watched & CAPTURE_WATCHES_RETURNS))
		return false;
	call->awaits_return = 1;
	call->enter = 0;
	return true;
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(on_call_return, struct pt_regs *regs, long result)
{
	__u8 abi = abi_of(regs->orig_ax);

	if (abi != ABI_EPOLL_WAIT && (abi == 0 || abi > CAPTURE_RECVMMSG))
		return 0;
	struct task_struct *task = bpf_get_current_task_btf();
	if (!is_target(task->tgid))
		return 0;
	struct pending_call *call = pending_call_of(pid_tgid_of(task));
	if (!call)
		return 0;
	if (abi == ABI_EPOLL_WAIT) {
		begin_loop_turn(call);
		return 0;
	}
	if (!call->awaits_return)
		return 0;
	if (!says_nothing(regs, abi, result) && !is_left_out(call, abi, result)) {
		if (is_multiple(abi) && result > 0)
			record_multiple(call, regs, abi, result);
		else
			record_single(call, regs, abi, task, bpf_ktime_get_ns(), result, 0);
	}
	call->awaits_return = 0;
	return 0;
}
