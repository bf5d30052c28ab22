/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A call that moved bytes becomes a record: its socket, its arguments and its result, and the head of its payload. */
#pragma once

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

/*
 * A datagram's peer: the address it is sent to, or the one that the kernel has filled in by the time the call returns. Seen at
 * the socket, a call that receives has not come so far.
 */
static __always_inline void take_named_peer(struct capture_event *event, const struct pending_call *call, __u64 user_address)
{
	if (!config.at_sockets || event->direction == CAPTURE_EGRESS || call->awaits_return)
		take_peer(event, user_address);
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

/* `tcp_seq_exit`: behind the last byte that the call moved. */
static __always_inline void record_single(struct pending_call *call, struct pt_regs *regs, __u8 abi,
					  struct task_struct *task, __u64 now, __s64 result, __u32 tcp_seq_exit)
{
	struct capture_event *event = begin_data(call, regs, abi, task, now);

	if (!event)
		return;
	__u32 wanted = wanted_payload(call, result);
	struct payload_source source = {};
	switch (abi) {
	case CAPTURE_RECVFROM:
	case CAPTURE_SENDTO:
		take_named_peer(event, call, regs->r8);
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
		if (!space || bpf_probe_read_user(&space->header, sizeof(space->header), (void *)regs->si) != 0)
			break;
		take_named_peer(event, call, space->header.name);
		source = source_of_vector(event, space->header.iov, space->header.iov_count, wanted);
	}
	}
	finish_data(event, call, result, tcp_seq_exit, 0, 0, source);
}

/* One message of an mmsg call, a record of its own: the event of the scratch space, which is the same for all of them. */
__noinline int record_message(__u64 address, __u32 length, __u32 before, __u32 after, __u32 tcp_seq_exit)
{
	struct scratch_space *space = scratch_of_cpu();
	struct pending_call *call = pending_call_of(bpf_get_current_pid_tgid());

	if (!space || !call)
		return 0;
	struct capture_event *event = &space->event;
	struct user_msghdr *header = &space->header;
	if (bpf_probe_read_user(header, sizeof(*header), (void *)address) != 0)
		return 0;
	take_named_peer(event, call, header->name);
	event->payload_length = 0;
	struct payload_source source = source_of_vector(event, header->iov, header->iov_count, wanted_payload(call, length));
	finish_data(event, call, length, tcp_seq_exit, before, after, source);
	return 0;
}

/* Bytes that message `index` of an mmsg call moved. */
static __always_inline __u32 message_length(__u64 messages, __u32 index)
{
	__u32 length = 0;

	bpf_probe_read_user(&length, sizeof(length),
			    (void *)(messages + index * sizeof(struct user_mmsghdr) + sizeof(struct user_msghdr)));
	return length;
}

/* Bytes that the first `count` messages of an mmsg call moved. */
__noinline int total_length(__u64 messages, __u32 count)
{
	__u32 total = 0;

	for (__u32 i = 0; i < MAX_MESSAGES && i < count; i++)
		total += message_length(messages, i);
	return total;
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
	for (__u32 i = 0; i < MAX_MESSAGES && i < count; i++) {
		__u32 length = message_length(messages, i);
		event->detail = i;
		record_message(messages + i * sizeof(struct user_mmsghdr), length, before, total - before - length, tcp_seq_exit);
		before += length;
	}
}

/* The thread has been told what is ready, and sees to it: what it does until it waits again belongs together. */
static __always_inline void begin_loop_turn(struct pending_call *call)
{
	call->loop_turn = call->loop_turn == 255 ? 1 : call->loop_turn + 1;
}
