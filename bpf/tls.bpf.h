/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What programs hand to OpenSSL and get from it, before it is encrypted and after it was decrypted. The agent attaches the
 * probes to the processes that are recorded (`src/probes`); a recording without TLS has none.
 *
 * Which socket a connection (SSL *) goes over is learned in two ways:
 * - the library itself reads and writes the socket: a call on it is seen between enter and return of SSL_*;
 * - the program moves the encrypted bytes through memory (Node.js, Python's asyncio): what it read from a socket last, if it
 *   begins with a TLS record, it hands on next. A handshake's first record settles it, whatever was believed before.
 */
#pragma once

#define TLS_HANDSHAKE 22
#define TLS_APPLICATION_DATA 23
#define TLS_CLIENT_HELLO 1
#define TLS_SERVER_HELLO 2

/* What a thread is doing. */
struct tls_thread {
	__u64 ssl; /* of the call that goes on, 0 = none */
	__u64 buffer;
	__u64 moved; /* where an _ex call will write how many bytes it moved */
	__u64 enter;
	__u64 nested_sock; /* moved bytes since the call began */
	__u64 read_sock; /* gave bytes that look like TLS last, and they were not handed on yet; 0 = none */
	__u32 nested_inode;
	__s32 nested_fd;
	__u32 read_inode;
	__s32 read_fd;
	__u64 read_is_hello;
};

struct tls_key {
	__u64 ssl;
	__u64 pid;
};

struct tls_socket {
	__u64 sock;
	__u32 inode;
	__s32 fd;
	__u64 moved[2]; /* plaintext bytes in, out */
};

/* Both have one entry only when TLS is not recorded. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct tls_thread);
} tls_threads SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct tls_key);
	__type(value, struct tls_socket);
} tls_sockets SEC(".maps");

static __always_inline struct tls_thread *tls_thread_of(__u64 pid_tgid)
{
	struct tls_thread *thread = bpf_map_lookup_elem(&tls_threads, &pid_tgid);

	if (!thread) {
		struct tls_thread fresh = {};
		bpf_map_update_elem(&tls_threads, &pid_tgid, &fresh, BPF_NOEXIST);
		thread = bpf_map_lookup_elem(&tls_threads, &pid_tgid);
	}
	return thread;
}

/* From the exit of a call that moved bytes. `buffer`: of a read, where its bytes are; a vector of buffers shows nothing. */
static __always_inline void note_socket_call(__u64 sock, __u32 inode, __s32 fd, __u64 buffer, __u64 pid_tgid)
{
	__u8 head[6] = {};
	struct tls_thread *thread = tls_thread_of(pid_tgid);

	if (!thread)
		return;
	if (thread->ssl) {
		thread->nested_sock = sock;
		thread->nested_inode = inode;
		thread->nested_fd = fd;
		return;
	}
	if (!buffer)
		return;
	thread->read_sock = 0;
	if (bpf_probe_read_user(head, sizeof(head), (void *)buffer) != 0)
		return;
	/* A TLS record: type, version 3.x, length. A handshake's begins with its kind. */
	if (head[0] < 20 || head[0] > TLS_APPLICATION_DATA || head[1] != 3)
		return;
	thread->read_sock = sock;
	thread->read_inode = inode;
	thread->read_fd = fd;
	thread->read_is_hello = head[0] == TLS_HANDSHAKE && (head[5] == TLS_CLIENT_HELLO || head[5] == TLS_SERVER_HELLO);
}

static __always_inline void place(struct tls_key *key, __u64 sock, __u32 inode, __s32 fd)
{
	struct tls_socket *known = bpf_map_lookup_elem(&tls_sockets, key);
	struct tls_socket placed = {.sock = sock, .inode = inode, .fd = fd};

	if (!known || known->sock != sock || known->inode != inode)
		bpf_map_update_elem(&tls_sockets, key, &placed, 0);
}

/* The connection takes what the thread read last. */
static __always_inline void take_last_read(struct tls_thread *thread, struct tls_key *key)
{
	if (!thread->read_sock)
		return;
	if (thread->read_is_hello || !bpf_map_lookup_elem(&tls_sockets, key))
		place(key, thread->read_sock, thread->read_inode, thread->read_fd);
	thread->read_sock = 0;
}

static __always_inline struct tls_thread *enter_tls(struct pt_regs *regs)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct tls_key key = {.ssl = regs->di, .pid = pid_tgid >> 32};

	if (!is_target(key.pid))
		return 0;
	struct tls_thread *thread = tls_thread_of(pid_tgid);
	if (thread)
		take_last_read(thread, &key);
	return thread;
}

SEC("?uprobe")
int tls_handshake(struct pt_regs *regs)
{
	enter_tls(regs);
	return 0;
}

/* SSL_read(ssl, buffer, length), SSL_write: the same; their _ex forms have a fourth argument. */
SEC("?uprobe")
int tls_enter(struct pt_regs *regs)
{
	struct tls_thread *thread = enter_tls(regs);

	if (!thread)
		return 0;
	thread->ssl = regs->di;
	thread->buffer = regs->si;
	thread->moved = regs->cx;
	thread->enter = bpf_ktime_get_ns();
	thread->nested_sock = 0;
	return 0;
}

/*
 * Plaintext has no sequence numbers of its own, so its bytes are counted in each direction, from a number that both ends
 * derive from their addresses: who sends, who receives.
 */
static __always_inline __u32 plaintext_base(const __u8 *sender, __u16 sender_port, const __u8 *receiver, __u16 receiver_port)
{
	__u64 mixed = (__u64)sender_port << 16 | receiver_port;

	for (int i = 0; i < 4; i++) {
		mixed = (mixed ^ ((const __u32 *)sender)[i]) * 0x9e3779b97f4a7c15ULL;
		mixed ^= mixed >> 29;
		mixed = (mixed ^ ((const __u32 *)receiver)[i]) * 0xbf58476d1ce4e5b9ULL;
		mixed ^= mixed >> 32;
	}
	return mixed;
}

static __always_inline void number_plaintext(struct capture_event *event, struct tls_socket *place, __u64 result)
{
	bool egress = event->direction == CAPTURE_EGRESS;
	__u32 start = egress ? plaintext_base(event->local_address, event->local_port, event->remote_address, event->remote_port) :
			       plaintext_base(event->remote_address, event->remote_port, event->local_address, event->local_port);

	start += (__u32)__sync_fetch_and_add(&place->moved[egress], result);
	event->tcp_seq_enter = start;
	event->tcp_seq_exit = start + result;
	event->flags = CAPTURE_FLAG_TLS | CAPTURE_FLAG_TCP_SEQ;
}

static __always_inline void record_plaintext(struct tls_thread *thread, struct tls_socket *place, __u64 result, bool egress)
{
	__u32 limit = payload_limit_of(place->sock, place->inode, 1);

	if (limit == CAPTURE_LEAVE_OUT) {
		count_filtered(1);
		return;
	}
	struct probe_space *space = take_probe_space();
	if (!space)
		return;
	struct capture_event *event = &space->scratch.event;
	clear_event(event, CAPTURE_DATA, bpf_get_current_task_btf(), thread->enter, bpf_ktime_get_ns());
	event->fd = place->fd;
	event->abi = egress ? CAPTURE_TLS_WRITE : CAPTURE_TLS_READ;
	event->direction = egress ? CAPTURE_EGRESS : CAPTURE_INGRESS;
	event->result = result;
	struct socket_facts facts = facts_of(place->sock, place->inode);
	describe_socket(event, place->sock, &facts);
	number_plaintext(event, place, result);
	__u32 wanted = result < limit ? result : limit;
	if (config.limits_turns)
		wanted = within_turn(event, wanted);
	if (wanted)
		event->payload_length = copy_into(&space->scratch, thread->buffer, 0, wanted);
	if (has_wanted_port(event))
		submit_event(event);
	give_back(space);
}

/* The socket of the connection, if the file descriptor still is what it was. */
static __always_inline struct tls_socket *place_of(struct tls_key *key)
{
	struct tls_socket *place = bpf_map_lookup_elem(&tls_sockets, key);
	struct socket_facts facts = {};

	if (!place)
		return 0;
	if (socket_of(file_of(bpf_get_current_task_btf(), place->fd), &facts) == place->sock && facts.inode == place->inode)
		return place;
	bpf_map_delete_elem(&tls_sockets, key);
	return 0;
}

static __always_inline int leave_tls(struct pt_regs *regs, bool egress, bool extended)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid(), result = 0;
	struct tls_thread *thread = bpf_map_lookup_elem(&tls_threads, &pid_tgid);
	__u32 zero = 0;

	if (!thread || !thread->ssl)
		return 0;
	struct tls_key key = {.ssl = thread->ssl, .pid = pid_tgid >> 32};
	thread->ssl = 0;
	if (thread->nested_sock)
		place(&key, thread->nested_sock, thread->nested_inode, thread->nested_fd);
	/* The result is an int: bytes moved, or 1 for the extended form, which tells the bytes elsewhere. */
	int returned = regs->ax;
	if (returned <= 0)
		return 0;
	if (!extended)
		result = returned;
	else if (bpf_probe_read_user(&result, sizeof(result), (void *)thread->moved) != 0 || result > 0x7fffffff)
		return 0;
	if (result == 0)
		return 0;
	struct tls_socket *place = place_of(&key);
	if (place) {
		record_plaintext(thread, place, result, egress);
		return 0;
	}
	struct capture_counters *count = bpf_map_lookup_elem(&counters, &zero);
	if (count)
		count->tls_unplaced += result;
	return 0;
}

SEC("?uretprobe")
int tls_read_return(struct pt_regs *regs)
{
	return leave_tls(regs, false, false);
}

SEC("?uretprobe")
int tls_write_return(struct pt_regs *regs)
{
	return leave_tls(regs, true, false);
}

SEC("?uretprobe")
int tls_read_ex_return(struct pt_regs *regs)
{
	return leave_tls(regs, false, true);
}

SEC("?uretprobe")
int tls_write_ex_return(struct pt_regs *regs)
{
	return leave_tls(regs, true, true);
}
