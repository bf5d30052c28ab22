/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The calls that move bytes, seen where they leave the sockets' code (Linux 6.5): sock_send_length and sock_recv_length tell socket and
 * result, and the call's arguments still lie in pt_regs. A tracepoint of system calls makes each call of each process on the host
 * slower, whatever it is; these cost nothing where no bytes are moved. What they cannot tell:
 * - when the call began: a TCP socket knows when it sent last, which is when the bytes left; else it is now;
 * - who sent a datagram that anybody may have sent (call_returns.bpf.h);
 * - accept: an accepted connection is told with its first bytes, as is either end of a unix connection;
 * - connect and close of a TCP connection show in its states (tcp_life.bpf.h); others are closed when their address is used again.
 */
#pragma once

#define PF_NO_CALLER 0x00204010 /* PF_KTHREAD, PF_USER_WORKER, PF_IO_WORKER: pt_regs hold no call */
#define SOCK_DONE 1 /* enum sock_flags: the other end's FIN has come */

/* Sockets of which a call was seen: told of, if need be. The value says nothing. Goes away with the socket. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} known_sockets SEC(".maps");

/*
 * Inodes found there lately, each in the slot of its low bits. A thread that serves many connections asks about another with each
 * request, and this spares nginx a tenth of what recording its receiving calls takes.
 */
#define KNOWN_SLOTS 16384
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, KNOWN_SLOTS);
	__type(key, __u32);
	__type(value, __u32);
} known_inodes SEC(".maps");

/* Of a connection whose other end asked for it, and of both ends of a unix connection: nothing has told of it yet. */
static __noinline void tell_opening(__u64 sock, struct socket_facts *facts, bool egress)
{
	__u32 zero = 0, *reached = bpf_map_lookup_elem(&phase, &zero);
	__u64 now = bpf_ktime_get_ns();
	__u8 kind = CAPTURE_ACCEPT;

	if (facts->family != AF_UNIX && (facts->protocol != IPPROTO_TCP || bpf_map_lookup_elem(&tcp_lives, &sock)))
		return;
	if (!reached || !(*reached & CAPTURE_HAS_LISTED))
		return;
	if (facts->family == AF_UNIX) {
		__u64 peer = peer_of(sock);
		bool is_named = READ(sock, struct unix_sock, addr), has_named_peer = peer && READ(peer, struct unix_sock, addr);
		if (!is_named && !has_named_peer)
			return;
		if (!is_named || (has_named_peer && egress))
			kind = CAPTURE_CONNECT;
	}
	struct capture_event *event = begin_event(kind, bpf_get_current_task_btf(), now, now);
	if (!event)
		return;
	describe_socket(event, sock, facts);
	submit_turning_point(event, sock);
}

/* By address: the record of a socket that is no TCP connection, whose close nothing tells. Has one entry when calls are system calls. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct capture_event);
} address_holders SEC(".maps");

/* A new socket has the address of one that was closed, which is told now. Addresses are used again soon, so few closes stay untold. */
static __noinline void take_address(__u64 sock, struct socket_facts *facts)
{
	struct capture_event *earlier = bpf_map_lookup_elem(&address_holders, &sock);
	__u64 now = bpf_ktime_get_ns();

	if (earlier && earlier->inode != facts->inode) {
		earlier->kind = CAPTURE_CLOSE;
		earlier->enter = earlier->exit = now;
		tell_life(earlier);
	}
	struct capture_event *event = begin_event(CAPTURE_DATA, bpf_get_current_task_btf(), now, now);
	if (!event)
		return;
	describe_socket(event, sock, facts);
	bpf_map_update_elem(&address_holders, &sock, event, 0);
}

/* Another socket than the thread's last call was about. Nothing for one that is not recorded. */
static __noinline bool change_socket(struct sock *sk, struct pending_call *call, __u32 inode, bool egress)
{
	__u64 sock = (__u64)sk;

	call->socket = 0;
	call->facts = facts_of(sock, inode);
	if (!is_recorded_kind(sock, &call->facts))
		return false;
	call->socket = sock;
	__u32 slot = inode % KNOWN_SLOTS, *known = bpf_map_lookup_elem(&known_inodes, &slot);
	if (known && *known == inode)
		return true;
	if (known)
		*known = inode;
	if (!bpf_sk_storage_get(&known_sockets, sk, 0, 0)) {
		bpf_sk_storage_get(&known_sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
		if (call->facts.family == AF_UNIX || call->facts.protocol != IPPROTO_TCP)
			take_address(sock, &call->facts);
		tell_opening(sock, &call->facts, egress);
	}
	return true;
}

/* The socket of a call, and what does not change of it. An address is used again, an inode is not. */
static __always_inline bool take_socket(struct sock *sk, struct pending_call *call, bool egress)
{
	__u32 inode = inode_of((__u64)sk);

	return (call->socket == (__u64)sk && call->facts.inode == inode) || change_socket(sk, call, inode, egress);
}

static __always_inline bool uses_io_uring(struct task_struct *task)
{
	return bpf_core_field_exists(task->io_uring) && task->io_uring;
}

/* The call itself names the socket: io_uring does its work within whatever call the thread is making. */
static __noinline bool is_callers(__u64 sock, __u32 fd)
{
	struct socket_facts facts;

	return socket_of(file_of(bpf_get_current_task_btf(), fd), &facts) == sock;
}

/* Number of the first byte that was moved. A FIN counts as one byte, and was read with the bytes before it. */
static __always_inline __u32 first_sequence(__u64 sock, bool egress, __u32 moved)
{
	__u32 next = tcp_sequence(sock, egress);

	if (!egress && READ(sock, struct sock, __sk_common.skc_flags) & (1 << SOCK_DONE) && next == READ(sock, struct tcp_sock, rcv_nxt))
		next--;
	return next - moved;
}

/* What was sent is on its way. A layer in between (kernel TLS) may hold bytes back that TCP knows nothing of. */
static __always_inline bool has_sent_all(__u64 sock)
{
	return READ(sock, struct tcp_sock, snd_nxt) == READ(sock, struct tcp_sock, write_seq) &&
	       !READ(sock, struct inet_connection_sock, icsk_ulp_ops);
}

/*
 * When the call began, as far as it is known. A TCP socket that has sent all it was given knows when it did; for the others the
 * clock is read, which takes as long as much of the rest. Where sending is paced the packet's time may lie ahead.
 */
static __always_inline __u64 time_of_call(__u64 sock, bool has_sent)
{
	if (!has_sent || !has_sent_all(sock))
		return bpf_ktime_get_ns();
	__u64 departure = READ(sock, struct tcp_sock, tcp_wstamp_ns), looked = READ(sock, struct tcp_sock, tcp_clock_cache);
	return departure < looked ? departure : looked;
}

/* Which message of an mmsg call it is. Each comes by itself, in order, and an error ends the call. */
static __always_inline void count_message(struct pending_call *call, struct pt_regs *regs, int result)
{
	if (call->messages != regs->si || call->next_message >= regs->dx)
		call->next_message = 0;
	call->messages = regs->si;
	call->message = call->next_message;
	call->next_message = result < 0 ? 0 : call->message + 1;
}

static __noinline void record_one_of_many(struct pending_call *call, struct pt_regs *regs, __u8 abi, __s64 result,
					  __u32 tcp_seq_exit)
{
	struct capture_event *event = begin_data(call, regs, abi, bpf_get_current_task_btf(), call->enter);

	if (!event)
		return;
	event->detail = call->message;
	record_message(regs->si + call->message * sizeof(struct user_mmsghdr), result, 0, 0, tcp_seq_exit);
}

static __always_inline int on_socket_call(struct sock *sk, int result, bool egress)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 sock = (__u64)sk;

	if (!is_target(task->tgid))
		return 0;
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	__u8 abi = abi_of(regs->orig_ax);
	if (task->flags & PF_NO_CALLER || task->thread_info.status & TS_COMPAT)
		return 0;
	if (uses_io_uring(task) && !is_callers(sock, regs->di))
		return 0;
	if (abi == ABI_SPLICE && egress && result > 0)
		count_spliced(result);
	if (abi == 0 || abi > CAPTURE_SENDFILE || is_egress(abi) != egress)
		return 0;
	__u64 pid_tgid = pid_tgid_of(task);
	struct pending_call *call = pending_call_of(pid_tgid);
	if (!call)
		return 0;
	if (is_multiple(abi))
		count_message(call, regs, result);
	if (says_nothing(regs, abi, result) || !take_socket(sk, call, egress))
		return 0;
	if (awaits_return(call, abi, egress))
		return 0;
	bool is_tcp = call->facts.protocol == IPPROTO_TCP && call->facts.family != AF_UNIX;
	call->enter = time_of_call(sock, is_tcp && egress && result > 0);
	__u32 moved = result > 0 && !(message_flags(regs, abi) & MSG_PEEK) ? result : 0;
	if (is_tcp)
		call->tcp_seq_enter = first_sequence(sock, egress, moved);
	if (is_left_out(call, abi, result))
		; /* its bytes may still show which socket TLS goes over */
	else if (is_multiple(abi))
		record_one_of_many(call, regs, abi, result, call->tcp_seq_enter + moved);
	else
		record_single(call, regs, abi, task, call->enter, result, call->tcp_seq_enter + moved);
	if (config.tls && result > 0) {
		bool shows_buffer = abi == CAPTURE_READ || abi == CAPTURE_RECVFROM;
		note_socket_call(sock, call->facts.inode, regs->di, shows_buffer ? regs->si : 0, pid_tgid);
	}
	return 0;
}

SEC("?tp_btf/sock_send_length")
int BPF_PROG(on_sock_send, struct sock *sk, int result)
{
	return on_socket_call(sk, result, true);
}

SEC("?tp_btf/sock_recv_length")
int BPF_PROG(on_sock_receive, struct sock *sk, int result)
{
	return on_socket_call(sk, result, false);
}
