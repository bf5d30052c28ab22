/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Lists the sockets that recorded processes hold: read by the agent at the start, so that older connections are known. */
#pragma once

SEC("iter/task_file")
int list_sockets(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	struct capture_event event = {};
	struct socket_facts facts = {};

	if (!task || !file || task->pid != task->tgid || !is_target(task->tgid))
		return 0;
	__u64 sock = socket_of((__u64)file, &facts);
	if (!sock)
		return 0;
	event.kind = CAPTURE_EXISTING;
	event.enter = event.exit = bpf_ktime_get_ns();
	event.pid = event.tid = task->tgid;
	event.fd = context->fd;
	event.detail = READ(sock, struct sock, __sk_common.skc_state);
	bpf_core_read(event.comm, sizeof(event.comm), &task->comm);
	describe_socket(&event, sock, &facts);
	if (!has_wanted_port(&event))
		return 0;
	/* One that listens has no life to tell of. */
	if (event.remote_port)
		keep_tcp_life(&event, sock, BPF_NOEXIST);
	bpf_seq_write(context->meta->seq, &event, sizeof(event));
	return 0;
}
