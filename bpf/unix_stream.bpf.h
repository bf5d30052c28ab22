/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What a unix stream socket has instead of addresses and TCP sequence numbers: the other end, and a count of the bytes that
 * went each way. The kernel keeps no such count, so it is kept here, from the first call that is seen on. A count begins
 * at a number that both ends derive from the pair, in place of TCP's random one, so that equal numbers mean the same bytes.
 */
#pragma once

/* The address alone is used again soon. */
struct stream_key {
	__u64 sock;
	__u32 inode;
	__u32 egress;
};

/* Bytes that a socket has moved in one direction. The least recently used is forgotten first. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct stream_key);
	__type(value, __u64);
} unix_offsets SEC(".maps");

/* Copied, not loaded, as one cannot calculate with a loaded pointer. */
static __always_inline __u64 peer_of(__u64 sock)
{
	__u64 peer = 0;

	bpf_core_read(&peer, sizeof(peer), &((struct unix_sock *)sock)->peer);
	return peer;
}

/* 0 until the other end was accepted. */
static __always_inline __u32 peer_inode(__u64 sock)
{
	__u64 peer = peer_of(sock);

	return peer ? inode_of(peer) : 0;
}

/* Any mixing of the two addresses that depends on their order; of the kernel's memory it tells nothing. */
static __always_inline __u32 stream_base(__u64 sender, __u64 receiver)
{
	__u64 mixed = sender * 0x9e3779b97f4a7c15ULL ^ (receiver * 0xc2b2ae3d27d4eb4fULL >> 7);

	mixed ^= mixed >> 29;
	mixed *= 0xbf58476d1ce4e5b9ULL;
	return mixed >> 32;
}

/* Counts the bytes of a call that is over, and gives it its sequence numbers. */
static __always_inline void number_unix_bytes(struct capture_event *event, __s64 result)
{
	bool egress = event->direction == CAPTURE_EGRESS;
	__u64 sock = event->socket, peer = peer_of(sock), none = 0;
	struct stream_key key = {.sock = sock, .inode = event->inode, .egress = egress};

	if (!peer)
		return;
	__u64 *offset = bpf_map_lookup_elem(&unix_offsets, &key);
	if (!offset) {
		bpf_map_update_elem(&unix_offsets, &key, &none, BPF_NOEXIST);
		offset = bpf_map_lookup_elem(&unix_offsets, &key);
		if (!offset)
			return;
	}
	__u64 moved = result > 0 && !(event->flags & CAPTURE_FLAG_PEEK) ? result : 0;
	__u32 start = egress ? stream_base(sock, peer) : stream_base(peer, sock);
	start += (__u32)__sync_fetch_and_add(offset, moved);
	event->tcp_seq_enter = start;
	event->tcp_seq_exit = start + moved;
	event->flags |= CAPTURE_FLAG_TCP_SEQ;
}

static __always_inline void forget_unix_bytes(__u64 sock, __u32 inode)
{
	struct stream_key key = {.sock = sock, .inode = inode};

	bpf_map_delete_elem(&unix_offsets, &key);
	key.egress = 1;
	bpf_map_delete_elem(&unix_offsets, &key);
}

/* The path that the server's end is bound to, as the payload of the event; nothing for a socketpair. */
static __always_inline void take_unix_path(struct capture_event *event, __u64 sock)
{
	struct scratch_space *space = (struct scratch_space *)event;
	struct unix_address *address = READ(sock, struct unix_sock, addr);
	if (!address) {
		__u64 peer = peer_of(sock);
		address = peer ? READ(peer, struct unix_sock, addr) : 0;
	}
	if (!address)
		return;
	/* The length counts the family's two bytes; an abstract name begins with a zero, which is shown as @. */
	int length = READ(address, struct unix_address, len) - 2;
	if (length <= 0 || length > CAPTURE_UNIX_PATH)
		return;
	__u64 path = (__u64)address + bpf_core_field_offset(struct unix_address, name) +
		     bpf_core_field_offset(struct sockaddr_un, sun_path);
	if (bpf_probe_read_kernel(space->payload, CAPTURE_UNIX_PATH, (void *)path) != 0)
		return;
	if (space->payload[0] == 0)
		space->payload[0] = '@';
	else if (space->payload[(length - 1) & 127] == 0)
		length--;
	event->payload_length = length;
}
