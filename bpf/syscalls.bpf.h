/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The calls that move bytes, connect, accept and close, seen as system calls. At enter: the socket and its place in the stream are
 * looked up and kept. At exit: arguments (still in pt_regs), result and payload are put together into a record. What happens once
 * a connection is kept out of line, so that what happens at every read and write lies close together.
 */
#pragma once

static __noinline void record_close(__u64 file, __u64 sock, struct socket_facts *facts, __u32 fd)
{
	__u64 now = bpf_ktime_get_ns();

	if (!is_last_reference(file))
		return;
	struct capture_event *event = begin_event(CAPTURE_CLOSE, bpf_get_current_task_btf(), now, now);
	if (!event)
		return;
	event->fd = fd;
	describe_socket(event, sock, facts);
	if (event->family == CAPTURE_UNIX)
		forget_unix_bytes(sock, facts->inode);
	/* One that listens, or never was connected, has no conversation to end. */
	if (event->transport == IPPROTO_TCP && event->remote_port == 0)
		return;
	submit_turning_point(event, sock);
}

/* Fills the slot of a call. One that is first seen as it returns (late) began before the recording. */
static __always_inline void remember(struct pending_call *call, struct pt_regs *regs, __u64 number, __u8 abi,
				     struct task_struct *task, bool late)
{
	struct socket_facts facts = {};

	call->pid_tgid = pid_tgid_of(task);
	call->number = number;
	call->socket = 0;
	/* 32-bit programs number their calls differently. */
	if (task->thread_info.status & TS_COMPAT)
		return;
	if (abi == ABI_ACCEPT || abi == ABI_SPLICE) {
		call->enter = late ? 0 : bpf_ktime_get_ns();
		return;
	}
	__u64 file = file_of(task, regs->di);
	__u64 sock = socket_of(file, &facts);
	if (!sock)
		return;
	if (abi == ABI_CLOSE) {
		if (!late)
			record_close(file, sock, &facts, regs->di);
		return;
	}
	call->socket = sock;
	call->facts = facts;
	call->tcp_seq_enter = tcp_sequence(sock, is_egress(abi));
	call->enter = late ? 0 : bpf_ktime_get_ns();
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(on_sys_enter, struct pt_regs *regs, long number)
{
	__u8 abi = abi_of(number);

	if (!abi || abi == ABI_EPOLL_WAIT)
		return 0;
	struct task_struct *task = bpf_get_current_task_btf();
	if (!is_target(task->tgid))
		return 0;
	struct pending_call *call = pending_call_of(pid_tgid_of(task));
	if (call)
		remember(call, regs, number, abi, task, false);
	return 0;
}

static __noinline void record_connect(struct pending_call *call, struct pt_regs *regs, __s64 result)
{
	__u64 now = bpf_ktime_get_ns();
	struct task_struct *task = bpf_get_current_task_btf();
	struct capture_event *event = begin_event(CAPTURE_CONNECT, task, call->enter ? call->enter : now, now);

	if (!event)
		return;
	event->fd = regs->di;
	event->result = result;
	describe_socket(event, call->socket, &call->facts);
	submit_turning_point(event, call->socket);
}

static __noinline void record_accept(struct pending_call *call, __s64 result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 now = bpf_ktime_get_ns();
	struct socket_facts facts = {};

	if (result < 0)
		return;
	__u64 sock = socket_of(file_of(task, result), &facts);
	if (!sock)
		return;
	struct capture_event *event = begin_event(CAPTURE_ACCEPT, task, call->enter ? call->enter : now, now);
	if (!event)
		return;
	event->fd = result;
	event->result = result;
	describe_socket(event, sock, &facts);
	submit_turning_point(event, sock);
}

/* splice(2) moves bytes without showing them: that they went by is all there is to tell. */
static __noinline void count_splice(struct pt_regs *regs, __s64 result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct socket_facts facts = {};

	if (result > 0 && (socket_of(file_of(task, regs->di), &facts) || socket_of(file_of(task, regs->dx), &facts)))
		count_spliced(result);
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(on_sys_exit, struct pt_regs *regs, long result)
{
	__u64 number = regs->orig_ax;
	__u8 abi = abi_of(number);

	if (!abi)
		return 0;
	struct task_struct *task = bpf_get_current_task_btf();
	if (!is_target(task->tgid))
		return 0;
	__u64 pid_tgid = pid_tgid_of(task);
	struct pending_call *call = pending_call_of(pid_tgid);
	if (!call)
		return 0;
	if (abi == ABI_EPOLL_WAIT) {
		begin_loop_turn(call);
		return 0;
	}
	/* Begun before the recording, or another thread took the slot. */
	if (call->pid_tgid != pid_tgid || call->number != number)
		remember(call, regs, number, abi, task, true);
	call->pid_tgid = 0;
	if (abi == ABI_ACCEPT) {
		record_accept(call, result);
		return 0;
	}
	if (abi == ABI_SPLICE) {
		count_splice(regs, result);
		return 0;
	}
	if (!call->socket)
		return 0;
	if (abi == ABI_CONNECT)
		record_connect(call, regs, result);
	else if (says_nothing(regs, abi, result))
		return 0;
	else if (is_left_out(call, abi, result))
		; /* its bytes may still show which socket TLS goes over */
	else if (is_multiple(abi) && result > 0)
		record_multiple(call, regs, abi, result);
	else
		record_single(call, regs, abi, task, bpf_ktime_get_ns(), result, tcp_sequence(call->socket, is_egress(abi)));
	if (config.tls && abi != ABI_CONNECT && result > 0) {
		bool shows_buffer = abi == CAPTURE_READ || abi == CAPTURE_RECVFROM;
		note_socket_call(call->socket, call->facts.inode, regs->di, shows_buffer ? regs->si : 0, pid_tgid);
	}
	return 0;
}
