/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Which processes and sockets are recorded. */
#pragma once

static __always_inline bool is_target(__u32 pid)
{
	if (pid == config.agent_pid)
		return false;
	if (config.all_processes)
		return true;
	__u32 word = pid / 64;
	__u64 *bits = bpf_map_lookup_elem(&targets, &word);
	return bits && (*bits >> (pid % 64)) & 1;
}

static __always_inline void add_target(__u32 pid)
{
	__u32 word = pid / 64;
	__u64 *bits = bpf_map_lookup_elem(&targets, &word);
	if (bits)
		__sync_fetch_and_or(bits, 1ULL << (pid % 64));
}

static __always_inline void remove_target(__u32 pid)
{
	__u32 word = pid / 64;
	__u64 *bits = bpf_map_lookup_elem(&targets, &word);
	if (bits)
		__sync_fetch_and_and(bits, ~(1ULL << (pid % 64)));
}

static __always_inline bool has_wanted_comm(struct task_struct *task)
{
	char comm[CAPTURE_COMM_LENGTH];

	if (config.comm_count == 0)
		return false;
	bpf_core_read(comm, sizeof(comm), &task->comm);
	for (int i = 0; i < CAPTURE_MAX_COMMS && i < config.comm_count; i++) {
		bool same = true;
		for (int k = 0; k < CAPTURE_COMM_LENGTH; k++) {
			if (comm[k] != config.comms[i][k])
				same = false;
			if (!same || comm[k] == 0)
				break;
		}
		if (same)
			return true;
	}
	return false;
}

static __always_inline bool is_wanted_port(__u16 port)
{
	return (config.ports[port / 64] >> (port % 64)) & 1;
}

static __always_inline bool has_wanted_port(const struct capture_event *event)
{
	return !config.filter_ports || is_wanted_port(event->local_port) || is_wanted_port(event->remote_port);
}
