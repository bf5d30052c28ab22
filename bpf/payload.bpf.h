/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Copying the head of a call's payload from user memory. */
#pragma once

#define MAX_IOVECS 64

static __always_inline __u32 copy_into(struct scratch_space *space, __u64 from, __u32 offset, __u32 length)
{
	/* In assembly, or clang proves the masks needless and the verifier, which sees less, rejects the copy. */
	asm volatile("%0 &= %1" : "+r"(offset) : "i"(CAPTURE_MAX_PAYLOAD - 1));
	asm volatile("%0 &= %1" : "+r"(length) : "i"(2 * CAPTURE_MAX_PAYLOAD - 1));
	if (length > CAPTURE_MAX_PAYLOAD)
		return 0;
	if (bpf_probe_read_user(space->payload + offset, length, (void *)from) != 0)
		return 0;
	return length;
}

/*
 * Global functions are verified once, by themselves, not again at every call: 17 thousand verified instructions instead
 * of 120 thousand. They take numbers only, so each finds the scratch space itself.
 */

/* Copies to `offset` of the scratch payload; returns the number of bytes, 0 when the memory cannot be read. */
__noinline int copy_buffer(__u64 from, __u32 offset, __u32 length)
{
	struct scratch_space *space = scratch_of_cpu();

	return space ? copy_into(space, from, offset, length) : 0;
}

/* Copies at most `wanted` bytes from an array of `count` iovecs; returns the number of bytes. */
__noinline int copy_vector(__u64 vector, __u32 count, __u32 wanted)
{
	struct scratch_space *space = scratch_of_cpu();
	__u32 copied = 0;

	if (!space)
		return 0;
	struct user_iovec *parts = space->parts;

	for (__u32 i = 0; i < MAX_IOVECS && i < count; i += IOVECS_AT_ONCE) {
		__u32 some = count - i < IOVECS_AT_ONCE ? count - i : IOVECS_AT_ONCE;

		if (bpf_probe_read_user(parts, some * sizeof(*parts), (void *)(vector + i * sizeof(*parts))) != 0)
			break;
		for (__u32 k = 0; k < IOVECS_AT_ONCE; k++) {
			if (k >= some || copied >= wanted)
				return copied;
			__u32 length = wanted - copied;
			if (parts[k].length < length)
				length = parts[k].length;
			if (length == 0)
				continue;
			if (copy_buffer(parts[k].base, copied, length) == 0)
				return copied;
			copied += length;
		}
	}
	return copied;
}
