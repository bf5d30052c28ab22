/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Reading members of kernel objects whose pointer the verifier knows nothing about. */
#pragma once

/* Linux 6.2: turns a bare address into a typed one, so that its members are plain loads. Costs nothing at run time. */
extern void *bpf_rdonly_cast(const void *object, __u32 btf_id) __ksym __weak;

/*
 * READ(address, struct sock, sk_protocol). A bad address reads as zero, never faults. On older kernels, or when the agent asks
 * for it, it is a helper call; the verifier leaves only one of the two in the program.
 */
#define READ(address, type, member)                                                                              \
	({                                                                                                       \
		__typeof__(((type *)0)->member) value__ = {};                                                    \
		if (bpf_rdonly_cast && !config.without_casts)                                                    \
			value__ = ((type *)bpf_rdonly_cast((const void *)(address), bpf_core_type_id_kernel(type)))->member; \
		else                                                                                             \
			bpf_core_read(&value__, sizeof(value__), &((type *)(address))->member);                  \
		value__;                                                                                         \
	})
