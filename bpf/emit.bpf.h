/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Beginning a record, and handing it to the ring buffer. */
#pragma once

/* `task`: the current one. */
static __always_inline void clear_event(struct capture_event *event, __u8 kind, struct task_struct *task, __u64 enter,
					__u64 exit)
{
	event->payload_length = 0;
	event->enter = enter;
	event->exit = exit;
	event->socket = 0;
	event->result = 0;
	event->pid = task->tgid;
	event->tid = task->pid;
	event->netns = 0;
	event->inode = 0;
	event->fd = -1;
	event->detail = 0;
	event->tcp_seq_enter = 0;
	event->tcp_seq_exit = 0;
	event->rtt = 0;
	event->flags = 0;
	event->local_port = 0;
	event->remote_port = 0;
	event->kind = kind;
	event->abi = 0;
	event->direction = 0;
	event->family = 0;
	event->transport = 0;
	struct pending_call *call = pending_call_of(pid_tgid_of(task));
	event->loop_turn = call ? call->loop_turn : 0;
	event->coroutine = 0;
	event->pseudo_thread = 0;
	/* Two plain loads; the helper for it costs a call. */
	const __u64 *comm = (const __u64 *)task->comm;
	((__u64 *)event->comm)[0] = comm[0];
	((__u64 *)event->comm)[1] = comm[1];
}

/* In the scratch space of the CPU. */
static __always_inline struct capture_event *begin_event(__u8 kind, struct task_struct *task, __u64 enter, __u64 exit)
{
	struct scratch_space *space = scratch_of_cpu();

	if (!space)
		return 0;
	clear_event(&space->event, kind, task, enter, exit);
	return &space->event;
}

/* No wake-up: the agent looks every millisecond or two. Waking it per event costs several microseconds each. */
static __always_inline void submit_event(struct capture_event *event)
{
	__u32 length = event->payload_length;

	asm volatile("%0 &= %1" : "+r"(length) : "i"(2 * CAPTURE_MAX_PAYLOAD - 1));
	if (length > CAPTURE_MAX_PAYLOAD)
		return;
	if (bpf_ringbuf_output(&events, event, sizeof(*event) + length, BPF_RB_NO_WAKEUP) != 0)
		count_drop();
}

/* The payload goes from user memory into the ring, in room of a fixed size: the verifier knows no other. */
static __always_inline void submit_in_room(const struct capture_event *event, __u64 from, __u32 wanted, const __u32 room)
{
	struct capture_event *record = bpf_ringbuf_reserve(&events, sizeof(*record) + room, 0);

	if (!record) {
		count_drop();
		return;
	}
	asm volatile("%0 &= %1" : "+r"(wanted) : "i"(2 * room - 1));
	if (wanted > room || bpf_probe_read_user(record + 1, wanted, (void *)from) != 0)
		wanted = 0;
	for (__u32 i = 0; i < sizeof(*record) / 8; i++)
		((__u64 *)record)[i] = ((const __u64 *)event)[i];
	record->payload_length = wanted;
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
}

/* Most payloads fit into one of these: copying them twice is spared. */
#define SMALL_ROOM 256
#define ROOM 1024

/* Hands over the event of the scratch space with `wanted` bytes of a buffer. A global function: verified once. */
__noinline int submit_with_buffer(__u64 from, __u32 wanted)
{
	struct scratch_space *space = scratch_of_cpu();

	if (!space)
		return 0;
	if (wanted <= SMALL_ROOM) {
		submit_in_room(&space->event, from, wanted, SMALL_ROOM);
	} else if (wanted <= ROOM) {
		submit_in_room(&space->event, from, wanted, ROOM);
	} else {
		space->event.payload_length = copy_buffer(from, 0, wanted);
		submit_event(&space->event);
	}
	return 0;
}
