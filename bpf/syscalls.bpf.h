/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The ten calls that move bytes, connect, accept and close. At enter: the socket and its place in the stream are looked
 * up and kept. At exit: arguments (still in pt_regs), result and payload are put together into a record. What happens once
 * a connection is kept out of line, so that what happens at every read and write lies close together.
 */
#pragma once

#define TS_COMPAT 2
#define MSG_PEEK 2
#define MSG_ERRQUEUE 0x2000
#define EINTR 4
#define EAGAIN 11
#define ERESTARTSYS 512
#define ERESTART_RESTARTBLOCK 516
#define MAX_MESSAGES 1024 /* the kernel's own limit for an mmsg call */

/* Beyond the ten of the capture. */
enum { ABI_CONNECT = 32, ABI_ACCEPT = 33, ABI_CLOSE = 34, ABI_SPLICE = 35, ABI_EPOLL_WAIT = 36 };

/* By x86-64 system call number. */
static const volatile __u8 abi_of_number[512] = {
	[0] = CAPTURE_READ,	  [19] = CAPTURE_READV,	  [45] = CAPTURE_RECVFROM, [47] = CAPTURE_RECVMSG,
	[299] = CAPTURE_RECVMMSG, [1] = CAPTURE_WRITE,	  [20] = CAPTURE_WRITEV,   [44] = CAPTURE_SENDTO,
	[46] = CAPTURE_SENDMSG,	  [307] = CAPTURE_SENDMMSG, [42] = ABI_CONNECT,	   [43] = ABI_ACCEPT,
	[288] = ABI_ACCEPT,	  [3] = ABI_CLOSE,	  [40] = CAPTURE_SENDFILE, [275] = ABI_SPLICE,
	[232] = ABI_EPOLL_WAIT,	  [281] = ABI_EPOLL_WAIT, [441] = ABI_EPOLL_WAIT,
};

static __always_inline __u8 abi_of(__u64 number)
{
	return number < 512 ? abi_of_number[number] : 0;
}

static __always_inline bool is_egress(__u8 abi)
{
	return abi >= CAPTURE_WRITE && abi <= CAPTURE_SENDFILE;
}

static __always_inline bool is_multiple(__u8 abi)
{
	return abi == CAPTURE_RECVMMSG || abi == CAPTURE_SENDMMSG;
}

static __always_inline __u32 message_flags(struct pt_regs *regs, __u8 abi)
{
	switch (abi) {
	case CAPTURE_RECVMSG:
		return regs->dx;
	case CAPTURE_RECVFROM:
	case CAPTURE_RECVMMSG:
		return regs->r10;
	default:
		return 0;
	}
}

/* connect, accept, close: both directions' next sequence numbers, egress in tcp_seq_enter, ingress in tcp_seq_exit. */
static __always_inline void submit_turning_point(struct capture_event *event, __u64 sock)
{
	if (event->family == CAPTURE_UNIX && event->kind != CAPTURE_CLOSE)
		take_unix_path(event, sock);
	if (event->transport == IPPROTO_TCP) {
		event->tcp_seq_enter = tcp_sequence(sock, true);
		event->tcp_seq_exit = tcp_sequence(sock, false);
	}
	if (!has_wanted_port(event))
		return;
	if (event->kind != CAPTURE_CLOSE)
		keep_tcp_life(event, sock, 0);
	submit_event(event);
}

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

SEC("tp_btf/sys_enter")
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

/* Where the payload of a record is to be taken from. A source without bytes: what there is, is in the scratch space. */
struct payload_source {
	__u64 from;
	__u32 wanted;
};

/* Of an array of iovecs. Several are gathered in the scratch space. */
static __always_inline struct payload_source source_of_vector(struct capture_event *event, __u64 vector, __u64 count,
							      __u32 wanted)
{
	struct payload_source source = {};
	struct user_iovec part;

	if (wanted == 0)
		return source;
	if (count != 1) {
		event->payload_length = copy_vector(vector, count, wanted);
	} else if (bpf_probe_read_user(&part, sizeof(part), (void *)vector) == 0) {
		source.from = part.base;
		source.wanted = part.length < wanted ? part.length : wanted;
	}
	return source;
}

/* Ends and submits a record. `before` and `after`: bytes of the same call around this message. */
static __always_inline void finish_data(struct capture_event *event, struct pending_call *call, __s64 result,
					__u32 tcp_seq_exit, __u32 before, __u32 after, struct payload_source source)
{
	event->result = result;
	if (config.coroutines)
		take_coroutine(event);
	if (event->family == CAPTURE_UNIX)
		number_unix_bytes(event, result);
	if (event->transport == IPPROTO_TCP) {
		event->tcp_seq_exit = tcp_seq_exit - after;
		event->tcp_seq_enter = call->enter ? call->tcp_seq_enter + before :
						     event->tcp_seq_exit - (result > 0 ? (__u32)result : 0);
	}
	if (!has_wanted_port(event))
		return;
	if (config.limits_turns) {
		__u32 *taken = source.wanted ? &source.wanted : &event->payload_length;
		*taken = within_turn(event, *taken);
	}
	if (source.wanted)
		submit_with_buffer(source.from, source.wanted);
	else
		submit_event(event);
}

static __always_inline struct capture_event *begin_data(struct pending_call *call, struct pt_regs *regs, __u8 abi,
							struct task_struct *task, __u64 now)
{
	struct capture_event *event = begin_event(CAPTURE_DATA, task, call->enter ? call->enter : now, now);

	if (!event)
		return 0;
	event->fd = regs->di;
	event->abi = abi;
	event->direction = is_egress(abi) ? CAPTURE_EGRESS : CAPTURE_INGRESS;
	if (message_flags(regs, abi) & MSG_PEEK)
		event->flags = CAPTURE_FLAG_PEEK;
	describe_socket(event, call->socket, &call->facts);
	return event;
}

static __always_inline __u32 wanted_payload(const struct pending_call *call, __s64 result)
{
	__u32 limit = config.verdicts ? call->payload_limit : config.payload_limit;

	if (result <= 0)
		return 0;
	return result < limit ? result : limit;
}

/* Whether the agent wants no more of this conversation. Datagrams of one call count one by one, as their records would. */
static __always_inline bool is_left_out(struct pending_call *call, __u8 abi, __s64 result)
{
	if (!config.verdicts)
		return false;
	call->payload_limit = payload_limit_of(call->socket, call->facts.inode, 0);
	if (call->payload_limit != CAPTURE_LEAVE_OUT)
		return false;
	count_filtered(is_multiple(abi) && result > 0 ? result : 1);
	return true;
}

static __always_inline void record_single(struct pending_call *call, struct pt_regs *regs, __u8 abi,
					  struct task_struct *task, __s64 result)
{
	__u64 now = bpf_ktime_get_ns();
	struct capture_event *event = begin_data(call, regs, abi, task, now);

	if (!event)
		return;
	__u32 wanted = wanted_payload(call, result);
	struct payload_source source = {};
	switch (abi) {
	case CAPTURE_RECVFROM:
	case CAPTURE_SENDTO:
		take_peer(event, regs->r8);
		/* fall through */
	case CAPTURE_READ:
	case CAPTURE_WRITE:
		/* MSG_TRUNC returns the length of the datagram, which may be more than the buffer holds. */
		source.from = regs->si;
		source.wanted = regs->dx < wanted ? regs->dx : wanted;
		break;
	case CAPTURE_READV:
	case CAPTURE_WRITEV:
		source = source_of_vector(event, regs->si, regs->dx, wanted);
		break;
	case CAPTURE_SENDFILE:
		break;
	default: {
		struct scratch_space *space = scratch_of_cpu();
		if (!space || bpf_probe_read_user(&space->message.header, sizeof(space->message.header), (void *)regs->si) != 0)
			break;
		take_peer(event, space->message.header.name);
		source = source_of_vector(event, space->message.header.iov, space->message.header.iov_count, wanted);
	}
	}
	finish_data(event, call, result, tcp_sequence(call->socket, is_egress(abi)), 0, 0, source);
}

/* Bytes that the first `count` messages of an mmsg call moved. */
__noinline int total_length(__u64 messages, __u32 count)
{
	__u32 total = 0;

	for (__u32 i = 0; i < MAX_MESSAGES && i < count; i++) {
		__u32 length = 0;
		bpf_probe_read_user(&length, sizeof(length),
				    (void *)(messages + i * sizeof(struct user_mmsghdr) + sizeof(struct user_msghdr)));
		total += length;
	}
	return total;
}

/* One message of an mmsg call, a record of its own. Returns its length. */
__noinline int record_message(__u64 address, __u32 index, __u32 before, __u32 total, __u32 tcp_seq_exit)
{
	struct scratch_space *space = scratch_of_cpu();
	struct pending_call *call = pending_call_of(bpf_get_current_pid_tgid());

	if (!space || !call)
		return 0;
	struct capture_event *event = &space->event;
	struct user_mmsghdr *message = &space->message;
	if (bpf_probe_read_user(message, sizeof(*message), (void *)address) != 0)
		return 0;
	__u32 length = message->length;
	take_peer(event, message->header.name);
	event->detail = index;
	event->payload_length = 0;
	struct payload_source source = source_of_vector(event, message->header.iov, message->header.iov_count,
							wanted_payload(call, length));
	finish_data(event, call, length, tcp_seq_exit, before, total - before - length, source);
	return length;
}

static __noinline void record_multiple(struct pending_call *call, struct pt_regs *regs, __u8 abi, __s64 count)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 now = bpf_ktime_get_ns(), messages = regs->si;
	__u32 before = 0, total = 0, tcp_seq_exit = tcp_sequence(call->socket, is_egress(abi));
	struct capture_event *event = begin_data(call, regs, abi, task, now);

	if (!event)
		return;
	if (event->transport == IPPROTO_TCP)
		total = total_length(messages, count);
	for (__u32 i = 0; i < MAX_MESSAGES && i < count; i++)
		before += record_message(messages + i * sizeof(struct user_mmsghdr), i, before, total, tcp_seq_exit);
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
	__u32 zero = 0;
	struct capture_counters *count = bpf_map_lookup_elem(&counters, &zero);

	if (count && result > 0 && (socket_of(file_of(task, regs->di), &facts) || socket_of(file_of(task, regs->dx), &facts)))
		count->spliced += result;
}

/* The call moved nothing and will be made again, or was asked for nothing. */
static __always_inline bool says_nothing(struct pt_regs *regs, __u8 abi, __s64 result)
{
	if (result == -EAGAIN || result == -EINTR || (result <= -ERESTARTSYS && result >= -ERESTART_RESTARTBLOCK))
		return true;
	if (result == 0 && (is_egress(abi) || regs->dx == 0))
		return true;
	return message_flags(regs, abi) & MSG_ERRQUEUE;
}

/* The thread has been told what is ready, and sees to it: what it does until it waits again belongs together. */
static __always_inline void begin_loop_turn(struct pending_call *call)
{
	call->loop_turn = call->loop_turn == 255 ? 1 : call->loop_turn + 1;
}

SEC("tp_btf/sys_exit")
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
		record_single(call, regs, abi, task, result);
	if (config.tls && abi != ABI_CONNECT && result > 0) {
		bool shows_buffer = abi == CAPTURE_READ || abi == CAPTURE_RECVFROM;
		note_socket_call(call->socket, call->facts.inode, regs->di, shows_buffer ? regs->si : 0, pid_tgid);
	}
	return 0;
}
