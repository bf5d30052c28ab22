/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* From a file descriptor to a TCP, UDP or unix stream socket, its addresses and its place in the TCP stream. */
#pragma once

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define S_IFMT 0170000
#define S_IFSOCK 0140000

static __always_inline __u64 file_of(struct task_struct *task, __u32 fd)
{
	struct fdtable *table = task->files->fdt;

	if (!table || fd >= table->max_fds)
		return 0;
	/* The element is read as a member of a kernel type that is one pointer. */
	return (__u64)READ(table->fd + fd, struct hlist_head, first);
}

static __always_inline struct socket_facts facts_of(__u64 sock, __u32 inode)
{
	struct socket_facts facts = {.inode = inode};

	facts.family = READ(sock, struct sock, __sk_common.skc_family);
	facts.protocol = READ(sock, struct sock, sk_protocol);
	return facts;
}

/* TCP, UDP or, if wanted, a unix stream. */
static __always_inline bool is_recorded_kind(__u64 sock, const struct socket_facts *facts)
{
	if (facts->family == AF_UNIX)
		return config.unix_sockets && READ(sock, struct sock, sk_type) == SOCK_STREAM;
	if (facts->family != AF_INET && facts->family != AF_INET6)
		return false;
	return facts->protocol == IPPROTO_TCP || facts->protocol == IPPROTO_UDP;
}

/* The socket behind a file, 0 if it is anything else, or a socket that is not recorded. */
static __always_inline __u64 socket_of(__u64 file, struct socket_facts *facts)
{
	if (!file)
		return 0;
	struct inode *inode = READ(file, struct file, f_inode);
	if ((READ(inode, struct inode, i_mode) & S_IFMT) != S_IFSOCK)
		return 0;
	void *socket = READ(file, struct file, private_data);
	__u64 sock = (__u64)READ(socket, struct socket, sk);
	if (!sock)
		return 0;
	*facts = facts_of(sock, READ(inode, struct inode, i_ino));
	return is_recorded_kind(sock, facts) ? sock : 0;
}

/* Nobody else holds the file: closing it closes the socket. A parent that closes what its child goes on using does not. */
static __always_inline bool is_last_reference(__u64 file)
{
	if (bpf_core_field_exists(struct file, f_ref))
		return READ(file, struct file, f_ref.refcnt.counter) == 0;
	return READ(file, struct file___before_6_13, f_count.counter) == 1;
}

/* The number of the next byte to be written or read by user space. It equals the sequence number on the wire. */
static __always_inline __u32 tcp_sequence(__u64 sock, bool egress)
{
	return egress ? READ(sock, struct tcp_sock, write_seq) : READ(sock, struct tcp_sock, copied_seq);
}

static __always_inline bool is_v4_mapped(const __u32 address[4])
{
	return address[0] == 0 && address[1] == 0 && address[2] == bpf_htonl(0xffff);
}

static __always_inline bool is_unspecified(const __u32 address[4])
{
	return (address[0] | address[1] | address[2] | address[3]) == 0;
}

static __always_inline void keep_as_v4(__u32 address[4])
{
	address[0] = is_v4_mapped(address) ? address[3] : 0;
	address[1] = address[2] = address[3] = 0;
}

/* A dual-stack socket that talks IPv4 is told as IPv4: its other end does not know better, and both must agree. */
static __always_inline void normalise_addresses(struct capture_event *event)
{
	__u32 *local = (__u32 *)event->local_address, *remote = (__u32 *)event->remote_address;

	if (event->family != 6 || (!is_v4_mapped(local) && !is_v4_mapped(remote)))
		return;
	event->family = 4;
	keep_as_v4(local);
	keep_as_v4(remote);
}

/* Addresses of a unix socket: the inode of the other end. Its path comes once, with connect or accept. */
static __always_inline void describe_unix_socket(struct capture_event *event, __u64 sock)
{
	__u32 *local = (__u32 *)event->local_address, *remote = (__u32 *)event->remote_address;

	event->family = CAPTURE_UNIX;
	local[0] = local[1] = local[2] = local[3] = 0;
	remote[0] = peer_inode(sock);
	remote[1] = remote[2] = remote[3] = 0;
}

static __always_inline void describe_socket(struct capture_event *event, __u64 sock, const struct socket_facts *facts)
{
	__u32 *local = (__u32 *)event->local_address, *remote = (__u32 *)event->remote_address;

	event->socket = sock;
	event->inode = facts->inode;
	struct net *net = READ(sock, struct sock, __sk_common.skc_net.net);
	event->netns = READ(net, struct net, ns.inum);
	if (facts->family == AF_UNIX) {
		describe_unix_socket(event, sock);
		return;
	}
	event->transport = facts->protocol;
	__u32 ports = READ(sock, struct sock, __sk_common.skc_portpair);
	event->local_port = ports >> 16;
	event->remote_port = bpf_ntohs((__u16)ports);
	if (facts->family == AF_INET) {
		__u64 addresses = READ(sock, struct sock, __sk_common.skc_addrpair);
		event->family = 4;
		local[0] = addresses >> 32;
		remote[0] = addresses;
		local[1] = local[2] = local[3] = 0;
		remote[1] = remote[2] = remote[3] = 0;
	} else {
		event->family = 6;
		for (int i = 0; i < 4; i++) {
			local[i] = READ(sock, struct sock, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[i]);
			remote[i] = READ(sock, struct sock, __sk_common.skc_v6_daddr.in6_u.u6_addr32[i]);
		}
		normalise_addresses(event);
	}
	if (event->transport == IPPROTO_TCP) {
		event->flags |= CAPTURE_FLAG_TCP_SEQ;
		event->rtt = READ(sock, struct tcp_sock, srtt_us) >> 3;
	}
}

/* A datagram's peer stands in the call itself: the address it is sent to, or the one the kernel filled in. */
static __always_inline void take_peer(struct capture_event *event, __u64 user_address)
{
	struct user_sockaddr address = {};
	__u32 *remote = (__u32 *)event->remote_address;

	if (event->transport != IPPROTO_UDP || !user_address)
		return;
	/* 16 bytes are there for either family; the rest of an IPv6 address is read only for one. */
	if (bpf_probe_read_user(&address, 16, (void *)user_address) != 0)
		return;
	if (address.family == AF_INET) {
		if (event->family == 6) {
			event->family = 4;
			keep_as_v4((__u32 *)event->local_address);
		}
		remote[0] = address.v4_address;
		remote[1] = remote[2] = remote[3] = 0;
	} else if (address.family == AF_INET6) {
		if (bpf_probe_read_user(address.v6_address, 16, (void *)(user_address + 8)) != 0)
			return;
		for (int i = 0; i < 4; i++)
			remote[i] = address.v6_address[i];
		normalise_addresses(event);
	} else {
		return;
	}
	event->remote_port = bpf_ntohs(address.port);
}
