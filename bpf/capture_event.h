/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The contract between the kernel programs and the agent: what lies in the ring buffer, and what the agent sets before
 * loading. Fixed widths, explicit padding, sizes asserted; a test compares the agent's offsets with these.
 * Included by BPF programs after vmlinux.h, and by C++ after <cstdint>.
 */
#ifndef CAUSEWAY_CAPTURE_EVENT_H
#define CAUSEWAY_CAPTURE_EVENT_H

#ifdef __cplusplus
#define CAPTURE_ASSERT static_assert
#else
#define CAPTURE_ASSERT _Static_assert
#endif

/* Most bytes of payload kept of one call. A power of two: offsets are masked with it. */
#define CAPTURE_MAX_PAYLOAD 8192
/* Length of a command name in the kernel, with its end mark. */
#define CAPTURE_COMM_LENGTH 16
#define CAPTURE_MAX_COMMS 16
#define CAPTURE_MAX_PREFIXES 16
#define CAPTURE_MAX_CGROUPS 8
/* Highest process id that Linux gives out on 64-bit machines, plus one. */
#define CAPTURE_MAX_PIDS 4194304

enum capture_kind {
	CAPTURE_DATA = 1,
	CAPTURE_CONNECT = 2, /* these two, of a unix socket: payload = its path */
	CAPTURE_ACCEPT = 3,
	CAPTURE_CLOSE = 4, /* the last reference to the socket is closed */
	CAPTURE_FORK = 5, /* detail = the child's pid */
	CAPTURE_EXEC = 6, /* payload = the path of the program */
	CAPTURE_EXIT = 7, /* detail = exit status as a shell shows it: 128 + signal when killed */
	/* Of a TCP connection; the thread is the one that opened it. */
	CAPTURE_TCP_STATE = 8, /* detail = the new state, by the kernel's numbers */
	CAPTURE_RETRANSMIT = 9, /* egress; result = bytes that are sent again, tcp_seq_enter and _exit = which */
	CAPTURE_RESET = 10, /* egress: sent; ingress: received */
	CAPTURE_EXISTING = 100, /* from the socket iterator only: detail = state of the socket */
};

enum capture_abi {
	CAPTURE_READ = 1,
	CAPTURE_READV = 2,
	CAPTURE_RECVFROM = 3,
	CAPTURE_RECVMSG = 4,
	CAPTURE_RECVMMSG = 5,
	CAPTURE_WRITE = 6,
	CAPTURE_WRITEV = 7,
	CAPTURE_SENDTO = 8,
	CAPTURE_SENDMSG = 9,
	CAPTURE_SENDMMSG = 10,
	CAPTURE_SENDFILE = 11, /* egress; its payload is not seen */
	CAPTURE_TLS_READ = 12, /* no system calls: SSL_read and SSL_write, or their _ex forms */
	CAPTURE_TLS_WRITE = 13,
};

/* A family of our own numbering: AF_UNIX. */
#define CAPTURE_UNIX 1
/* Longest path of a unix socket (sockaddr_un). */
#define CAPTURE_UNIX_PATH 108

enum capture_direction { CAPTURE_INGRESS = 1, CAPTURE_EGRESS = 2 };

enum capture_flag {
	CAPTURE_FLAG_TCP_SEQ = 1, /* the sequence numbers are meaningful: TCP's, or those that unix_stream.bpf.h makes */
	CAPTURE_FLAG_PEEK = 2, /* MSG_PEEK: the bytes will be read again */
	CAPTURE_FLAG_TLS = 32, /* plaintext, as a TLS library took or gave it; numbered by tls.bpf.h, not by TCP */
};

/* One record of the ring buffer: this head, then the payload, then anything. */
struct capture_event {
	uint32_t payload_length;
	uint32_t is_closed; /* of a connection whose close was told: for tcp_life.bpf.h alone */
	uint64_t enter; /* CLOCK_MONOTONIC nanoseconds */
	uint64_t exit;
	uint64_t socket; /* kernel address: the agent turns it into an id and forgets it */
	int64_t result; /* bytes moved, or -errno */
	uint32_t pid; /* the kernel's tgid */
	uint32_t tid;
	uint32_t netns; /* inode of the network namespace */
	uint32_t inode; /* of the socket */
	int32_t fd; /* -1 = none */
	uint32_t detail; /* by kind; data: number of the message within an mmsg call */
	uint32_t tcp_seq_enter;
	uint32_t tcp_seq_exit;
	uint32_t rtt; /* microseconds */
	uint16_t flags;
	uint16_t local_port; /* host byte order */
	uint16_t remote_port;
	uint8_t kind;
	uint8_t abi;
	uint8_t direction;
	uint8_t family; /* 4, 6; CAPTURE_UNIX; 0 = no socket */
	uint8_t transport; /* IP protocol: 6 or 17; 0 = a unix stream */
	uint8_t loop_turn; /* how often the thread had come back from epoll_wait: 1 to 255, round and round; 0 = never, as far as known */
	uint8_t local_address[16]; /* v4 in the first four bytes; v4-mapped is v4 */
	uint8_t remote_address[16]; /* unix: inode of the other end in the first four bytes, 0 = not known yet */
	char comm[CAPTURE_COMM_LENGTH];
	uint32_t coroutine; /* low half of the id of the goroutine that made the call; 0 = none */
	uint32_t pseudo_thread; /* of the one that it works for, see coroutine.bpf.h */
};
CAPTURE_ASSERT(sizeof(struct capture_event) == 144, "size of capture_event");

/* A network, e.g. 10.0.0.0/8. Words as they lie in an address of a record. */
struct capture_prefix {
	uint32_t address[4]; /* zero where the mask is */
	uint32_t mask[4];
	uint32_t family;
	uint32_t reserved;
};

/* A control group of version 2 with all below it. */
struct capture_cgroup {
	uint64_t id; /* inode of its folder */
	uint32_t level; /* the root has 0 */
	uint32_t reserved;
};

/* Where a process keeps its goroutines' ids. */
struct capture_goroutine_places {
	uint32_t id_at; /* of the id in a `runtime.g` */
	int32_t thread_place; /* of the pointer to the current `runtime.g`, from the thread pointer on */
};

/* Constants of one recording, set before the programs are loaded. */
struct capture_config {
	/* What is looked at in every call stands together, in one cache line. */
	uint32_t payload_limit; /* at most CAPTURE_MAX_PAYLOAD */
	uint32_t turn_limit; /* bytes of payload kept of what goes one way until something goes the other way; see limits_turns */
	uint32_t agent_pid; /* never recorded */
	uint8_t all_processes;
	uint8_t filter_ports;
	uint8_t exclude_ports;
	uint8_t lifecycle; /* record fork, exec and exit */
	uint8_t unix_sockets; /* record unix stream sockets too */
	uint8_t tls; /* record what goes through TLS libraries: the probes are attached by process */
	uint8_t coroutines; /* tell goroutines apart: the probes are attached by process */
	uint8_t verdicts; /* the agent decides about sockets while recording: target_filter.bpf.h */
	uint8_t limits_turns;
	uint8_t at_sockets; /* calls are seen at the sockets, not as system calls: socket_calls.bpf.h */
	uint8_t reserved[6];
	uint32_t prefix_count;
	uint32_t cgroup_count;
	uint32_t comm_count;
	uint64_t ports[1024]; /* bitmap: either end of a recorded socket has one of these */
	uint64_t excluded_ports[1024]; /* neither end has one of these */
	struct capture_prefix prefixes[CAPTURE_MAX_PREFIXES]; /* either end is in one of these; with none, anywhere */
	struct capture_cgroup cgroups[CAPTURE_MAX_CGROUPS]; /* what executes a program in one of these becomes a target */
	char comms[CAPTURE_MAX_COMMS][CAPTURE_COMM_LENGTH];
};
CAPTURE_ASSERT(sizeof(struct capture_config) == 17448, "size of capture_config");

/* A conversation that the agent decides about: what a socket carries, or what TLS carries over it. */
struct capture_conversation {
	uint64_t socket; /* kernel address; used again after a close, so the inode belongs to it */
	uint32_t inode;
	uint32_t plaintext; /* 1 = what TLS carries */
};
/* How far the agent is. */
enum capture_phase {
	CAPTURE_HAS_LISTED = 1, /* the sockets older than the recording: what was not among them is new */
	CAPTURE_WATCHES_RETURNS = 2, /* call_returns.bpf.h is attached */
};
/* In place of a number of bytes: nothing of the conversation is recorded. */
#define CAPTURE_LEAVE_OUT 0xffffffff

/* Counted on each CPU. */
struct capture_counters {
	uint64_t dropped; /* the ring was full */
	uint64_t spliced; /* bytes that splice(2) moved from or to a socket: not recorded */
	uint64_t io_uring; /* reads, writes, sends and receives asked for through io_uring: not recorded */
	uint64_t tls_unplaced; /* bytes of TLS plaintext whose socket is not known: not recorded */
	uint64_t filtered; /* calls left out by a verdict */
};
CAPTURE_ASSERT(sizeof(struct capture_counters) == 40, "size of capture_counters");

#endif
