/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The few kernel types that the programs touch, with only the members they read. preserve_access_index makes libbpf
 * look up each member's place in the running kernel, so that one object fits all.
 */
#ifndef CAUSEWAY_VMLINUX_H
#define CAUSEWAY_VMLINUX_H

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef __u8 uint8_t;
typedef __u16 uint16_t;
typedef __u32 uint32_t;
typedef __u64 uint64_t;
typedef __s32 int32_t;
typedef __s64 int64_t;
typedef int pid_t;
typedef _Bool bool;
enum { false = 0, true = 1 };

enum bpf_map_type { BPF_MAP_TYPE_HASH = 1, BPF_MAP_TYPE_ARRAY = 2, BPF_MAP_TYPE_LRU_HASH = 9, BPF_MAP_TYPE_PERCPU_ARRAY = 6, BPF_MAP_TYPE_RINGBUF = 27, BPF_MAP_TYPE_SK_STORAGE = 24 };
enum { BPF_NOEXIST = 1, BPF_F_NO_PREALLOC = 1, BPF_F_MMAPABLE = 1024, BPF_RB_NO_WAKEUP = 1, BPF_SK_STORAGE_GET_F_CREATE = 1 };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct { int counter; } atomic_t;
typedef struct { __s64 counter; } atomic64_t;
struct pt_regs { unsigned long di, si, dx, cx, ax, bx, r10, r8, r9, orig_ax; };

struct ns_common { unsigned int inum; };
struct net { struct ns_common ns; };
typedef struct { struct net *net; } possible_net_t;
struct in6_addr { union { __be32 u6_addr32[4]; } in6_u; };
struct sock_common {
	__u64 skc_addrpair; /* skc_daddr, skc_rcv_saddr */
	__u32 skc_portpair; /* skc_dport (big endian), skc_num */
	__u16 skc_num;
	unsigned short skc_family;
	unsigned char skc_state;
	unsigned long skc_flags;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};
struct sock { struct sock_common __sk_common; __u16 sk_protocol, sk_type; struct socket *sk_socket; };
struct sk_buff { char cb[48]; unsigned char *head; __u16 transport_header, network_header; };
struct tcp_skb_cb { __u32 seq, end_seq; };
struct tcp_sock { __u32 write_seq, copied_seq, rcv_nxt, snd_nxt, srtt_us; __u64 tcp_wstamp_ns, tcp_clock_cache; };
struct inet_connection_sock { const struct tcp_ulp_ops *icsk_ulp_ops; };
struct socket { struct sock *sk; struct file *file; };
struct sockaddr_un { unsigned short sun_family; char sun_path[108]; };
struct unix_address { int len; struct sockaddr_un name[0]; };
struct unix_sock { struct unix_address *addr; struct sock *peer; };
struct hlist_head { struct hlist_node *first; };
struct io_kiocb { __u8 opcode; };

struct inode { unsigned short i_mode; unsigned long i_ino; };
/* Linux 6.13 counts references in f_ref (0 = one holder), older ones in f_count (1 = one holder). */
typedef struct { atomic64_t refcnt; } file_ref_t;
struct file { void *private_data; struct inode *f_inode; file_ref_t f_ref; };
struct file___before_6_13 { atomic64_t f_count; };
struct fdtable { unsigned int max_fds; struct file **fd; };
struct files_struct { struct fdtable *fdt; };

struct thread_info { __u32 status; };
struct thread_struct { unsigned long fsbase; };
struct signal_struct { atomic_t live; int group_exit_code; };
struct task_struct {
	struct thread_info thread_info;
	struct files_struct *files;
	struct signal_struct *signal;
	int pid, tgid, exit_code;
	unsigned int flags;
	struct io_uring_task *io_uring;
	char comm[16];
	struct thread_struct thread;
};
struct linux_binprm { const char *filename; };

struct seq_file;
struct bpf_iter_meta { struct seq_file *seq; };
struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

#pragma clang attribute pop

/* User-space layouts: part of the system call interface, the same in every kernel. */
struct user_iovec { __u64 base, length; };
struct user_msghdr { __u64 name; __u32 name_length, pad; __u64 iov, iov_count, control, control_length; __u32 flags, pad2; };
struct user_mmsghdr { struct user_msghdr header; __u32 length, pad; };
struct user_sockaddr { __u16 family; __be16 port; __be32 v4_address; __be32 v6_address[4]; };

#endif
