/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Reading members of kernel objects whose pointer the verifier knows nothing about. */
#pragma once

/* Linux 6.2: turns a bare address into a typed one, so that its members are plain loads. Costs nothing at run time. */
extern void *bpf_rdonly_cast(const void *object, __u32 btf_id) __ksym __weak;

/*
 * READ(address, struct sock, sk_protocol). A bad address reads as zero, never faults. On older kernels, or when the agent asks
 * for it, it is a helper call; the verifier leaves only one of the two in the program. The helper's way stands out of line, with
 * a variable of its own, as what has its address taken is written to the stack even where it is not used.
 */
#define READ(address, type, member)                                                                              \
	({                                                                                                       \
		__typeof__(((type *)0)->member) value__;                                                         \
		if (__builtin_expect(bpf_rdonly_cast && !config.without_casts, 1)) {                             \
			value__ = ((type *)bpf_rdonly_cast((const void *)(address), bpf_core_type_id_kernel(type)))->member; \
		} else {                                                                                         \
			__typeof__(value__) copy__ = {};                                                         \
			bpf_core_read(&copy__, sizeof(copy__), &((type *)(address))->member);                    \
			value__ = copy__;                                                                        \
		}                                                                                                \
		value__;                                                                                         \
	})

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
