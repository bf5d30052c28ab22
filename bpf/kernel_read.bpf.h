/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Reading members of kernel objects whose pointer the verifier knows nothing about: READ(address, struct sock, sk_protocol).
 * A bad address reads as zero, never faults. The programs are compiled twice, and the agent takes the ones for the kernel at
 * hand: where a kernel lacks a function that they name, libbpf looks for it in modules, which takes CAP_SYS_ADMIN.
 */
#pragma once

#ifdef WITHOUT_CASTS

/* Before Linux 6.2: by a helper call. */
#define READ(address, type, member)                                           \
	({                                                                    \
		__typeof__(((type *)0)->member) value__ = {};                 \
		bpf_core_read(&value__, sizeof(value__), &((type *)(address))->member); \
		value__;                                                      \
	})

#else

/* Turns a bare address into a typed one, so that its members are plain loads. Costs nothing at run time. */
extern void *bpf_rdonly_cast(const void *object, __u32 btf_id) __ksym;

#define READ(address, type, member) \
	(((type *)bpf_rdonly_cast((const void *)(address), bpf_core_type_id_kernel(type)))->member)

#endif

/* Of a socket that a file holds; else 0. */
static __always_inline __u32 inode_of(__u64 sock)
{
	struct socket *socket = READ(sock, struct sock, sk_socket);
	if (!socket)
		return 0;
	struct file *file = READ(socket, struct socket, file);
	if (!file)
		return 0;
	struct inode *inode = READ(file, struct file, f_inode);
	return READ(inode, struct inode, i_ino);
}
