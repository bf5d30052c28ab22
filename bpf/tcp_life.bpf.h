/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What becomes of a TCP connection besides its calls: its states, what was sent again, resets. These come from timers and
 * interrupts too, where the current process is anybody. So the record of each connection lies ready from the call on that
 * opened it, and is told with what is new.
 */
#pragma once

#define TCP_SYN_SENT 2

/* By socket: the record of its connect, accept or listing. The kernel's lock on the socket keeps it to one at a time. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct capture_event);
} tcp_lives SEC(".maps");

static __always_inline void keep_tcp_life(struct capture_event *event, __u64 sock, __u64 how)
{
	if (event->transport == IPPROTO_TCP)
		bpf_map_update_elem(&tcp_lives, &sock, event, how);
}

/* The connection's record, cleared for something new. Once it is closed its addresses are gone, so the last ones stay. */
static __always_inline struct capture_event *tcp_life_of(__u64 sock, __u8 kind)
{
	struct capture_event *event = bpf_map_lookup_elem(&tcp_lives, &sock);

	if (!event)
		return 0;
	event->kind = kind;
	event->enter = event->exit = bpf_ktime_get_ns();
	event->fd = -1;
	event->detail = event->result = event->direction = event->flags = event->loop_turn = 0;
	event->tcp_seq_enter = event->tcp_seq_exit = 0;
	if (READ(sock, struct sock, __sk_common.skc_num)) {
		struct socket_facts facts = facts_of(sock, event->inode);
		describe_socket(event, sock, &facts);
		event->flags = 0;
	}
	return event;
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

static __always_inline void tell_life(struct capture_event *event)
{
	if (!has_wanted_port(event))
		return;
	event->payload_length = 0;
	if (bpf_ringbuf_output(&events, event, sizeof(*event), BPF_RB_NO_WAKEUP) != 0)
		count_drop();
}

/* A connection is asked for, by the process that is current. */
static __always_inline void begin_tcp_life(__u64 sock)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 now = bpf_ktime_get_ns();

	if (!is_target(task->tgid))
		return;
	struct capture_event *event = begin_event(CAPTURE_CONNECT, task, now, now);
	struct socket_facts facts = facts_of(sock, inode_of(sock));
	if (!event || !facts.inode)
		return;
	describe_socket(event, sock, &facts);
	if (config.at_sockets) {
		event->result = -EINPROGRESS;
		submit_turning_point(event, sock);
	} else {
		keep_tcp_life(event, sock, 0);
	}
}

/* The last reference to the connection's file is gone: the current process is closing it. */
static __always_inline bool is_being_closed(__u64 sock)
{
	struct socket *socket = READ(sock, struct sock, sk_socket);
	struct file *file = socket ? READ(socket, struct socket, file) : 0;

	if (!file)
		return false;
	if (bpf_core_field_exists(struct file, f_ref))
		return READ(file, struct file, f_ref.refcnt.counter) < 0;
	return READ(file, struct file___before_6_13, f_count.counter) == 0;
}

/* Once for a connection, before its next state is told. */
static __noinline void tell_tcp_close(__u64 sock, bool by_current)
{
	struct capture_event *life = bpf_map_lookup_elem(&tcp_lives, &sock);
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 now = bpf_ktime_get_ns();

	if (!life || life->is_closed)
		return;
	life->is_closed = 1;
	if (!by_current || !is_target(task->tgid)) {
		life = tcp_life_of(sock, CAPTURE_CLOSE);
		if (life)
			tell_life(life);
		return;
	}
	struct capture_event *event = begin_event(CAPTURE_CLOSE, task, now, now);
	struct socket_facts facts = facts_of(sock, life->inode);
	if (!event)
		return;
	describe_socket(event, sock, &facts);
	submit_turning_point(event, sock);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_tcp_state, const struct sock *sk, int old_state, int new_state)
{
	__u64 sock = (__u64)sk;

	if (READ(sock, struct sock, sk_protocol) != IPPROTO_TCP)
		return 0;
	if (new_state == TCP_SYN_SENT) {
		/* It has no port yet, and its connect tells as much. */
		begin_tcp_life(sock);
		return 0;
	}
	if (config.at_sockets && is_being_closed(sock))
		tell_tcp_close(sock, true);
	struct capture_event *event = tcp_life_of(sock, CAPTURE_TCP_STATE);
	if (!event)
		return 0;
	event->detail = new_state;
	tell_life(event);
	return 0;
}

SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(on_tcp_retransmit, const struct sock *sk, const struct sk_buff *packet)
{
	struct tcp_skb_cb place = {};
	struct capture_event *event = tcp_life_of((__u64)sk, CAPTURE_RETRANSMIT);

	if (!event)
		return 0;
	bpf_core_read(&place, sizeof(place), &packet->cb);
	event->direction = CAPTURE_EGRESS;
	event->flags = CAPTURE_FLAG_TCP_SEQ;
	event->tcp_seq_enter = place.seq;
	event->tcp_seq_exit = place.end_seq;
	event->result = place.end_seq - place.seq;
	tell_life(event);
	return 0;
}

static __always_inline int on_reset(__u64 sock, __u8 direction)
{
	struct capture_event *event = sock ? tcp_life_of(sock, CAPTURE_RESET) : 0;

	if (!event)
		return 0;
	event->direction = direction;
	tell_life(event);
	return 0;
}

SEC("tp_btf/tcp_send_reset")
int BPF_PROG(on_tcp_send_reset, const struct sock *sk)
{
	return on_reset((__u64)sk, CAPTURE_EGRESS);
}

SEC("tp_btf/tcp_receive_reset")
int BPF_PROG(on_tcp_receive_reset, const struct sock *sk)
{
	return on_reset((__u64)sk, CAPTURE_INGRESS);
}

SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(on_tcp_destroy, const struct sock *sk)
{
	__u64 sock = (__u64)sk;

	if (config.at_sockets)
		tell_tcp_close(sock, is_being_closed(sock));
	bpf_map_delete_elem(&tcp_lives, &sock);
	return 0;
}
