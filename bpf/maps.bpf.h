/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Everything that the programs keep, and the settings they are loaded with. */
#pragma once

const volatile struct capture_config config SEC(".rodata.config") = {};

/* Records for the agent; its size is set before loading. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 * 1024 * 1024);
} events SEC(".maps");

/* Bitmap of marked processes (target_filter.bpf.h), by pid; the agent maps it into its memory. An array lookup costs a few ns, a hash ten times that. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, CAPTURE_MAX_PIDS / 64);
	__type(key, __u32);
	__type(value, __u64);
} targets SEC(".maps");

/* What does not change as long as a socket lives. */
struct socket_facts {
	__u32 inode;
	__u16 family; /* the kernel's AF_* */
	__u16 protocol;
};

/* What is known since the enter of a call that has not returned yet. Arguments stay in pt_regs and are read at exit. */
struct pending_call {
	__u64 pid_tgid; /* 0 = free */
	__u64 enter; /* 0 = the call began before the recording */
	__u64 socket; /* 0 = not a socket that is recorded */
	struct socket_facts facts;
	__u32 tcp_seq_enter;
	union {
		__u64 number;
		__u64 messages; /* at_sockets: of the thread's last mmsg call; which one it was, and which one comes next */
	};
	__u16 message, next_message;
	__u32 payload_limit; /* set as the call returns */
	__u8 awaits_return; /* at_sockets: what is missing, the return of the call will tell */
	__u8 loop_turn; /* of the thread, not of the call: kept from one call to the next */
} __attribute__((aligned(64))); /* within one cache line */

/* One slot per thread, found by the low bits of its id: no hashing, no allocation. Threads that share a slot notice it by pid_tgid. */
#define PENDING_SLOTS 65536
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PENDING_SLOTS);
	__type(key, __u32);
	__type(value, struct pending_call);
} pending SEC(".maps");

/* As bpf_get_current_pid_tgid() gives it, which is a call more. */
static __always_inline __u64 pid_tgid_of(struct task_struct *task)
{
	return (__u64)task->tgid << 32 | (__u32)task->pid;
}

static __always_inline struct pending_call *pending_call_of(__u64 pid_tgid)
{
	__u32 slot = (__u32)pid_tgid % PENDING_SLOTS;
	return bpf_map_lookup_elem(&pending, &slot);
}

/* So many are read at once: each reading of user memory takes as long as copying some kilobytes. */
#define IOVECS_AT_ONCE 4

/* Where a record is put together. Twice the payload's limit, as the verifier bounds offset and length independently. */
struct scratch_space {
	struct capture_event event;
	__u8 payload[2 * CAPTURE_MAX_PAYLOAD];
	/* What is looked at of a call's arguments: the stack has no room for it. */
	struct user_msghdr header;
	struct user_iovec parts[IOVECS_AT_ONCE];
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch_space);
} scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct capture_counters);
} counters SEC(".maps");

/* What the agent has decided: bytes of payload kept of each call, or CAPTURE_LEAVE_OUT. Has one entry when it decides nothing. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct capture_conversation);
	__type(value, __u32);
} verdicts SEC(".maps");

/* Which way a conversation went last, and how many more bytes of that are kept. Has one entry when turns are not limited. */
struct turn {
	__u32 direction;
	__u32 left;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct capture_conversation);
	__type(value, struct turn);
} turns SEC(".maps");

/* What the agent has come to, for recordings that see calls at the sockets: CAPTURE_HAS_LISTED, CAPTURE_WATCHES_RETURNS. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} phase SEC(".maps");

static __always_inline void count_filtered(__u32 calls)
{
	__u32 zero = 0;
	struct capture_counters *count = bpf_map_lookup_elem(&counters, &zero);

	if (count)
		count->filtered += calls;
}

static __always_inline void count_spliced(__u32 bytes)
{
	__u32 zero = 0;
	struct capture_counters *count = bpf_map_lookup_elem(&counters, &zero);

	if (count)
		count->spliced += bytes;
}

static __always_inline void count_drop(void)
{
	__u32 zero = 0;
	struct capture_counters *count = bpf_map_lookup_elem(&counters, &zero);

	if (count)
		count->dropped++;
}

/*
 * Uprobes may be interrupted by others on their CPU, so they take a scratch space and give it back. When none is free the
 * record counts as dropped.
 */
#define PROBE_SPACES 16
struct probe_space {
	__u64 taken;
	struct scratch_space scratch;
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PROBE_SPACES);
	__type(key, __u32);
	__type(value, struct probe_space);
} probe_spaces SEC(".maps");

static __always_inline struct probe_space *take_probe_space(void)
{
	for (__u32 i = 0; i < PROBE_SPACES; i++) {
		__u32 slot = (bpf_get_smp_processor_id() + i) % PROBE_SPACES;
		struct probe_space *space = bpf_map_lookup_elem(&probe_spaces, &slot);
		if (space && __sync_lock_test_and_set(&space->taken, 1) == 0)
			return space;
	}
	count_drop();
	return 0;
}

static __always_inline void give_back(struct probe_space *space)
{
	__sync_lock_test_and_set(&space->taken, 0);
}

static __always_inline struct scratch_space *scratch_of_cpu(void)
{
	__u32 zero = 0;
	return bpf_map_lookup_elem(&scratch, &zero);
}
