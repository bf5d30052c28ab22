/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Processes that begin, change their program and end. A child is recorded if its parent is. */
#pragma once

#define MAX_PATH_BYTES 256

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 pid = child->tgid;
	__u64 now = bpf_ktime_get_ns();

	if (child->pid != pid)
		return 0;
	if (is_marked(parent->tgid))
		mark(pid);
	if (!config.lifecycle || !is_target(parent->tgid))
		return 0;
	struct capture_event *event = begin_event(CAPTURE_FORK, bpf_get_current_task_btf(), now, now);
	if (!event)
		return 0;
	event->detail = pid;
	submit_event(event);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, pid_t old_pid, struct linux_binprm *program)
{
	__u32 pid = task->tgid;
	__u64 now = bpf_ktime_get_ns();

	if (!is_target(pid)) {
		if (config.all_processes || pid == config.agent_pid)
			return 0;
		if (!has_wanted_comm(task) && !is_in_wanted_cgroup())
			return 0;
		mark(pid);
	}
	if (!config.lifecycle)
		return 0;
	struct capture_event *event = begin_event(CAPTURE_EXEC, bpf_get_current_task_btf(), now, now);
	if (!event)
		return 0;
	struct scratch_space *space = (struct scratch_space *)event;
	long length = bpf_probe_read_kernel_str(space->payload, MAX_PATH_BYTES, program->filename);
	if (length > 1 && length <= MAX_PATH_BYTES)
		event->payload_length = length - 1;
	submit_event(event);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	__u32 pid = task->tgid;
	__u64 now = bpf_ktime_get_ns();

	/* Each thread comes by; the process ends with its last one. */
	if (task->signal->live.counter != 0)
		return 0;
	bool was_target = is_target(pid);
	/* The next process of this id begins anew. */
	unmark(pid);
	if (!config.lifecycle || !was_target)
		return 0;
	struct capture_event *event = begin_event(CAPTURE_EXIT, bpf_get_current_task_btf(), now, now);
	if (!event)
		return 0;
	/* The encoding of wait(2): signal in the low seven bits, else status in the next byte. */
	__u32 status = task->signal->group_exit_code ? task->signal->group_exit_code : task->exit_code;
	event->detail = status & 0x7f ? 128 + (status & 0x7f) : (status >> 8) & 0xff;
	submit_event(event);
	return 0;
}
