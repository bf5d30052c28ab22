/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Goroutines: threads of Go's own, of which a kernel thread runs many. A call is given the goroutine that made it and a
 * pseudo-thread: its nearest ancestor, six steps up at the most, that moved bytes over a socket, else itself. So what the
 * goroutines of an HTTP client do for a handler belongs to the handler.
 *
 * Who started whom is seen in runtime.newproc1(fn, callergp, …), which returns the new one. Go passes arguments in registers
 * (ABIInternal, Go 1.17: AX, BX, …; results in AX). A uretprobe would break its stacks, so the return is a uprobe too.
 */
#pragma once

#define MAX_ANCESTORS 6

struct goroutine_key {
	__u64 id;
	__u64 pid;
};

struct goroutine {
	__u64 parent;
	__u64 moved_bytes;
};

/* Processes that run Go. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct capture_goroutine_places);
} go_processes SEC(".maps");

/* Both have one entry only when goroutines are not recorded. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 262144);
	__type(key, struct goroutine_key);
	__type(value, struct goroutine);
} goroutines SEC(".maps");
/* Parent of the goroutine that a thread is making. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, __u64);
} go_creators SEC(".maps");

static __always_inline __u64 goroutine_id(__u32 pid, __u64 g)
{
	struct capture_goroutine_places *places = bpf_map_lookup_elem(&go_processes, &pid);
	__u64 id = 0;

	if (places && g)
		bpf_probe_read_user(&id, sizeof(id), (void *)(g + places->id_at));
	return id;
}

SEC("?uprobe")
int go_newproc(struct pt_regs *regs)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	__u64 parent = is_target(pid_tgid >> 32) ? goroutine_id(pid_tgid >> 32, regs->bx) : 0;

	if (parent)
		bpf_map_update_elem(&go_creators, &pid_tgid, &parent, 0);
	return 0;
}

SEC("?uprobe")
int go_newproc_return(struct pt_regs *regs)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	__u64 *parent = bpf_map_lookup_elem(&go_creators, &pid_tgid);

	if (!parent)
		return 0;
	struct goroutine_key key = {.id = goroutine_id(pid_tgid >> 32, regs->ax), .pid = pid_tgid >> 32};
	struct goroutine made = {.parent = *parent};
	bpf_map_delete_elem(&go_creators, &pid_tgid);
	if (key.id)
		bpf_map_update_elem(&goroutines, &key, &made, 0);
	return 0;
}

/* Id 0 is the runtime itself. */
static __always_inline void take_coroutine(struct capture_event *event)
{
	__u64 g = 0;
	struct task_struct *task = bpf_get_current_task_btf();
	struct goroutine_key key = {.pid = event->pid};

	struct capture_goroutine_places *places = bpf_map_lookup_elem(&go_processes, &event->pid);

	if (!places || bpf_probe_read_user(&g, sizeof(g), (void *)(task->thread.fsbase + places->thread_place)) != 0)
		return;
	key.id = goroutine_id(event->pid, g);
	if (!key.id)
		return;
	event->coroutine = event->pseudo_thread = key.id;
	struct goroutine *at = bpf_map_lookup_elem(&goroutines, &key);
	if (!at) {
		/* Older than the recording. */
		struct goroutine fresh = {.moved_bytes = 1};
		bpf_map_update_elem(&goroutines, &key, &fresh, BPF_NOEXIST);
		return;
	}
	at->moved_bytes = 1;
	for (int i = 0; i < MAX_ANCESTORS; i++) {
		key.id = at->parent;
		at = key.id ? bpf_map_lookup_elem(&goroutines, &key) : 0;
		if (!at)
			return;
		if (at->moved_bytes) {
			event->pseudo_thread = key.id;
			return;
		}
	}
}
