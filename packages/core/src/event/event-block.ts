import type { HostId, Nanoseconds, SocketId } from '../base/brand';

/** What the kernel saw. Numbers are those of `bpf/capture_event.h` and of the `kind` column in a capture. */
export const EventKind = {
  data: 1,
  connect: 2,
  accept: 3,
  close: 4,
  fork: 5,
  exec: 6,
  exit: 7,
  /** Of a TCP connection, by the thread that opened it. `detail` = the new state, a `TcpState`. */
  tcpState: 8,
  /** `result` bytes are sent again: those from `tcpSeqEnter` on. */
  retransmit: 9,
  /** Egress: sent; ingress: received. */
  reset: 10,
} as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];

/** The ten calls of the method (DeepFlow, SIGCOMM'23, table 3), numbered by us so that a capture means the same on every architecture. */
export const SyscallAbi = {
  none: 0,
  read: 1,
  readv: 2,
  recvfrom: 3,
  recvmsg: 4,
  recvmmsg: 5,
  write: 6,
  writev: 7,
  sendto: 8,
  sendmsg: 9,
  sendmmsg: 10,
  /** An eleventh: egress without payload. */
  sendfile: 11,
  /** No system calls: a TLS library took or gave plaintext. */
  tlsRead: 12,
  tlsWrite: 13,
} as const;
export type SyscallAbi = (typeof SyscallAbi)[keyof typeof SyscallAbi];

/** As the kernel numbers them (`include/net/tcp_states.h`). */
export const TcpState = {
  established: 1,
  synSent: 2,
  synReceived: 3,
  finWait1: 4,
  finWait2: 5,
  timeWait: 6,
  closed: 7,
  closeWait: 8,
  lastAck: 9,
  listening: 10,
  closing: 11,
} as const;

export const Direction = { none: 0, ingress: 1, egress: 2 } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];

/** Bits of the `flags` column. */
export const EventFlag = {
  /**
   * `tcpSeqEnter` and `tcpSeqExit` are meaningful: a TCP socket, or a unix stream socket whose bytes the agent numbered, from a
   * start that both ends of the pair share.
   */
  tcpSeq: 1,
  /** The call carried MSG_PEEK: its bytes will be read again. */
  peek: 2,
  /**
   * A packet on the wire, no call: `thread` has pid 0 and bears the name of the interface, `detail` is the number of the
   * frame in its file, from 1. With `connect`, `tcpSeqEnter` is the first byte that will come in the row's direction.
   */
  packet: 4,
  /** Of packets: since its last event, the sender said that it can take no more bytes. */
  zeroWindow: 8,
  /**
   * Of packets: since its last event, the sender acknowledged bytes that had not been seen. They came to the other end, but
   * not into the capture, so nobody will send them again.
   */
  acksUnseen: 16,
  /**
   * Plaintext that a TLS library took or gave: what the socket carries is not this. Its sequence numbers count the bytes of each
   * direction from a start that both ends derive from their addresses.
   */
  tls: 32,
  /** The bytes of its direction before this event were left out on purpose, as a filter asked: nothing was lost. */
  afterFiltered: 64,
} as const;

/** `unix`: a stream between two sockets of one host (AF_UNIX). */
export type Transport = 'tcp' | 'udp' | 'unix';
export type SocketRole = 'client' | 'server' | 'unknown';
/** Where packets pass between an end and the middle of their way: on the end's node, hypervisor, gateway. */
export type NetObservation = 'nd' | 'hv' | 'gw-hv' | 'gw';

/**
 * IP address in text (v4 dotted, v6 RFC 5952, v4-mapped shown as v4) and port. Of a unix socket: the path that the server's end
 * is bound to, `@` before an abstract name, or nothing where there is none or it is not known; port 0.
 */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface SocketInfo {
  readonly id: SocketId;
  readonly transport: Transport;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Inode in sockfs, as `/proc/PID/fd` shows it. */
  readonly inode: number;
  /** Of a unix socket: inode of the other end; absent = it was not accepted yet. */
  readonly peerInode?: number;
  /** Inode of the network namespace. */
  readonly netns: number;
  /** From connect/accept; `unknown` when the socket is older than the capture. */
  readonly role: SocketRole;
  /** The socket existed before the capture began. */
  readonly preexisting: boolean;
  /** Of packets: where they were seen. Absent = at one of the ends, or not known. */
  readonly observation?: NetObservation;
}

export interface ThreadInfo {
  /** Process id (the kernel's tgid). */
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
  /** The goroutine that ran on the thread (its id's low 32 bits). */
  readonly coroutine?: number;
  /** The goroutine that this one works for: its nearest ancestor that moved bytes over a socket, or itself. */
  readonly pseudoThread?: number;
}

/** Index that stands for "no socket" or "no string" in a column. */
export const NONE = 0xffffffff;

/**
 * A run of kernel events in columns, as they lie in a capture. Everything a row refers to (sockets, threads, strings)
 * is in the block itself, so that each block can be read alone. Columns are decoded when first touched.
 */
export interface EventBlock {
  readonly hostId: HostId;
  readonly count: number;
  /** Ordinal of row 0 in its capture. */
  readonly firstOrdinal: number;
  /** Add to a value of `enter` or `exit` to get `Nanoseconds` of the replay. */
  readonly timeShift: number;

  readonly kind: Uint8Array;
  /** System call enter and exit, nanoseconds; see `timeShift`. For events that are no call both are the event's time. */
  readonly enter: Float64Array;
  readonly exit: Float64Array;
  readonly abi: Uint8Array;
  readonly direction: Uint8Array;
  readonly flags: Uint16Array;
  /** Index into `threads`. */
  readonly thread: Uint32Array;
  /** Index into `sockets`, or NONE. */
  readonly socket: Uint32Array;
  readonly fd: Int32Array;
  /** What the call returned: bytes moved, or −errno. */
  readonly result: Float64Array;
  /** `write_seq` (egress) or `copied_seq` (ingress) of the socket at enter and at exit. */
  readonly tcpSeqEnter: Uint32Array;
  readonly tcpSeqExit: Uint32Array;
  /** Smoothed round-trip time, microseconds; 0 = not known. */
  readonly rtt: Uint32Array;
  /**
   * How often the thread had come back from waiting for events (epoll), 1 to 255 and from 1 again: what it does in one such
   * turn belongs together. 0 = never, or not known.
   */
  readonly loopTurn: Uint8Array;
  /** Meaning by kind: tcpState = the new state; fork = child's pid; exec = index of the file name in `strings`; exit = exit code; data = message number within an mmsg call, or see EventFlag.packet. */
  readonly detail: Uint32Array;

  readonly sockets: readonly SocketInfo[];
  readonly threads: readonly ThreadInfo[];
  readonly strings: readonly string[];

  /** The captured head of the payload of row i: a view, never a copy. Its length is at most `result`. */
  payload(i: number): Uint8Array;
}

/** One event as an object: for display and tests, not for the replay's hot path. */
export interface CaptureEvent {
  readonly ordinal: number;
  readonly kind: EventKind;
  readonly enter: Nanoseconds;
  readonly exit: Nanoseconds;
  readonly abi: SyscallAbi;
  readonly direction: Direction;
  readonly flags: number;
  readonly thread: ThreadInfo;
  readonly socket?: SocketInfo;
  readonly fd: number;
  readonly result: number;
  readonly tcpSeqEnter?: number;
  readonly tcpSeqExit?: number;
  readonly rtt?: number;
  readonly loopTurn?: number;
  readonly detail: number;
  readonly payload: Uint8Array;
}
