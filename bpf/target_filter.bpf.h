/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Which processes and sockets are recorded. */
#pragma once

/* A marked process is recorded; when all are, it is one that is left out: a helper of the agent. */
static __always_inline bool is_marked(__u32 pid)
{
	__u32 word = pid / 64;
	__u64 *bits = bpf_map_lookup_elem(&targets, &word);
	return bits && (*bits >> (pid % 64)) & 1;
}

static __always_inline void mark(__u32 pid)
{
	__u32 word = pid / 64;
	__u64 *bits = bpf_map_lookup_elem(&targets, &word);
	if (bits)
		__sync_fetch_and_or(bits, 1ULL << (pid % 64));
}

static __always_inline void unmark(__u32 pid)
{
	__u32 word = pid / 64;
	__u64 *bits = bpf_map_lookup_elem(&targets, &word);
	if (bits)
		__sync_fetch_and_and(bits, ~(1ULL << (pid % 64)));
}

static __always_inline bool is_target(__u32 pid)
{
	return pid != config.agent_pid && is_marked(pid) != config.all_processes;
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

/* Where the current process runs. Control groups of version 1 are not looked at. */
static __always_inline bool is_in_wanted_cgroup(void)
{
	for (int i = 0; i < CAPTURE_MAX_CGROUPS && i < config.cgroup_count; i++)
		if (bpf_get_current_ancestor_cgroup_id(config.cgroups[i].level) == config.cgroups[i].id)
			return true;
	return false;
}

static __always_inline bool has_port(const volatile __u64 *ports, __u16 port)
{
	return (ports[port / 64] >> (port % 64)) & 1;
}

/* Out of line: inlined, it takes much of the stack, which a whole chain of calls shares. */
static __noinline __u32 is_within(const volatile struct capture_prefix *prefix, __u32 family, const __u32 address[4])
{
	__u32 difference = prefix->family ^ family;

	/* Without branches: the verifier would follow each of them. */
	for (int i = 0; i < 4; i++)
		difference |= (address[i] & prefix->mask[i]) ^ prefix->address[i];
	return difference == 0;
}

/* A global function: verified once, not at every call. */
__noinline int has_wanted_address(const struct capture_event *event)
{
	__u32 found = 0;

	if (!event)
		return 0;
	const __u32 *local = (const __u32 *)event->local_address, *remote = (const __u32 *)event->remote_address;
	for (int i = 0; i < CAPTURE_MAX_PREFIXES && i < config.prefix_count; i++)
		found |= is_within(&config.prefixes[i], event->family, local) | is_within(&config.prefixes[i], event->family, remote);
	return found;
}

/* Ports and addresses of either end. A unix socket has none: it is recorded unless some are asked for. */
static __always_inline bool has_wanted_port(const struct capture_event *event)
{
	if (config.filter_ports && !has_port(config.ports, event->local_port) && !has_port(config.ports, event->remote_port))
		return false;
	if (config.exclude_ports &&
	    (has_port(config.excluded_ports, event->local_port) || has_port(config.excluded_ports, event->remote_port)))
		return false;
	return config.prefix_count == 0 || has_wanted_address(event);
}

/*
 * Bytes of payload kept of each call of a conversation, or CAPTURE_LEAVE_OUT. The agent knows the protocol some calls after the
 * kernel could have guessed it, but for certain; what it has decided spares the kernel the rest of the connection.
 */
static __always_inline __u32 payload_limit_of(__u64 sock, __u32 inode, __u32 plaintext)
{
	if (!config.verdicts)
		return config.payload_limit;
	struct capture_conversation conversation = {.socket = sock, .inode = inode, .plaintext = plaintext};
	__u32 *decided = bpf_map_lookup_elem(&verdicts, &conversation);
	return decided ? *decided : config.payload_limit;
}

/* How many of `wanted` bytes are within what is kept of a turn; for a config that limits turns. Two calls at once may both take what is left: no harm. */
static __always_inline __u32 within_turn(const struct capture_event *event, __u32 wanted)
{
	struct capture_conversation conversation = {.socket = event->socket, .inode = event->inode};

	conversation.plaintext = (event->flags & CAPTURE_FLAG_TLS) != 0;
	struct turn *turn = bpf_map_lookup_elem(&turns, &conversation);
	if (!turn) {
		struct turn first = {.direction = event->direction, .left = config.turn_limit};
		bpf_map_update_elem(&turns, &conversation, &first, BPF_NOEXIST);
		turn = bpf_map_lookup_elem(&turns, &conversation);
		if (!turn)
			return wanted;
	}
	if (turn->direction != event->direction) {
		turn->direction = event->direction;
		turn->left = config.turn_limit;
	}
	__u32 left = turn->left, kept = wanted < left ? wanted : left;
	turn->left = left - kept;
	return kept;
}
