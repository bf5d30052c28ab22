/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Beginning a record, and handing it to the ring buffer. */
#pragma once

static __always_inline void clear_event(struct capture_event *event, __u8 kind, __u64 pid_tgid, __u64 enter, __u64 exit)
{
	event->payload_length = 0;
	event->enter = enter;
	event->exit = exit;
	event->socket = 0;
	event->result = 0;
	event->pid = pid_tgid >> 32;
	event->tid = (__u32)pid_tgid;
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
	struct pending_call *call = pending_call_of(pid_tgid);
	event->loop_turn = call ? call->loop_turn : 0;
	event->coroutine = 0;
	event->pseudo_thread = 0;
	/* Two plain loads; the helper for it costs a call. */
	const __u64 *comm = (const __u64 *)bpf_get_current_task_btf()->comm;
	((__u64 *)event->comm)[0] = comm[0];
	((__u64 *)event->comm)[1] = comm[1];
}

/* In the scratch space of the CPU. */
static __always_inline struct capture_event *begin_event(__u8 kind, __u64 pid_tgid, __u64 enter, __u64 exit)
{
	struct scratch_space *space = scratch_of_cpu();

	if (!space)
		return 0;
	clear_event(&space->event, kind, pid_tgid, enter, exit);
	return &space->event;
}

static __always_inline void submit_event(struct capture_event *event)
{
	__u32 zero = 0, length = event->payload_length;
	struct capture_counters *count = bpf_map_lookup_elem(&counters, &zero);

	if (!count)
		return;
	asm volatile("%0 &= %1" : "+r"(length) : "i"(2 * CAPTURE_MAX_PAYLOAD - 1));
	if (length > CAPTURE_MAX_PAYLOAD)
		return;
	__u32 bytes = (sizeof(*event) + length + 7) & ~7;
	event->record_bytes = bytes;
	/* No wake-up: the agent looks every millisecond or two. Waking it per event costs several microseconds each. */
	if (bpf_ringbuf_output(&events, event, bytes, BPF_RB_NO_WAKEUP) == 0)
		count->recorded++;
	else
		count->dropped++;
}
