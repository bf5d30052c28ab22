import type { HostId, LossReport, ReportedResourceSpans, SocketRole, StateSnapshot, Transport } from '@causeway/core';
import type { FrameKind } from './capture-format';

/** What the recording was asked to take; absent = not asked. */
export interface CaptureFilters {
  readonly pids?: readonly number[];
  readonly comms?: readonly string[];
  /** Control groups, by their path. */
  readonly cgroups?: readonly string[];
  readonly ports?: readonly number[];
  readonly excludedPorts?: readonly number[];
  /** Names of application protocols. */
  readonly protocols?: readonly string[];
  /** Patterns of requests, e.g. `http:GET /orders*`: of these protocols no others were recorded, or these were left out. */
  readonly endpoints?: readonly string[];
  readonly excludedEndpoints?: readonly string[];
  /** E.g. `10.0.0.0/8`. */
  readonly networks?: readonly string[];
  /** The program that was started to be recorded, with its arguments. */
  readonly command?: readonly string[];
  readonly all?: boolean;
}

/** Nanoseconds on the host's CLOCK_MONOTONIC and since the Unix epoch, at the same instant. */
export interface ClockPair {
  readonly monotonic: bigint;
  readonly realtime: bigint;
}

/** Frame kind 1. The clock pair is that of the start. */
export interface CaptureHeader extends ClockPair {
  readonly version: number;
  readonly producer: string;
  readonly producerVersion: string;
  /** Lower-case UUID. */
  readonly captureId: string;
  /** Names one boot of one host: machine id and boot id hashed, 32 hex digits. */
  readonly hostId: HostId;
  readonly hostName: string;
  readonly bootId: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly filters: CaptureFilters;
  /** Bytes kept of each call's payload; 0 = none. */
  readonly payloadLimit: number;
  /** What was taken out, one phrase each. */
  readonly redactions: readonly string[];
  /** Where calls were seen: at the sockets (begin and end of a call are one time) or as system calls. Absent = not said. */
  readonly hooks?: 'sockets' | 'calls';
}

/** Frame kind 2 as it is stored: the columns are little-endian bytes, see `event-columns.ts`. */
export interface RawEventBlock {
  readonly count: number;
  /** Monotonic nanoseconds that the values of `enter` and `exit` are offsets from. */
  readonly base: bigint;
  /** Smallest and largest `exit`, monotonic. */
  readonly firstTime: bigint;
  readonly lastTime: bigint;
  readonly columns: Readonly<Record<string, Uint8Array>>;
  readonly sockets: Readonly<Record<string, Uint8Array>>;
  readonly threads: Readonly<Record<string, Uint8Array>>;
  readonly strings: readonly string[];
  /** All captured payload bytes, row after row. */
  readonly payload: Uint8Array;
}

/** Frame kind 3, at `time` (monotonic). */
export interface SnapshotRecord {
  readonly time: bigint;
  readonly state: StateSnapshot;
}

/** A socket of a snapshot as it is stored. */
export interface StoredSocket {
  /** 16 lower-case hex digits. */
  readonly id: string;
  readonly inode: number;
  readonly peerInode?: number;
  readonly transport: Transport;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly netns: number;
  readonly pid: number;
  readonly fd: number;
  readonly role: SocketRole;
}

/** Frame kind 4: losses between two monotonic times. */
export interface LossRecord extends LossReport {
  readonly from: bigint;
  readonly to: bigint;
}

/** Frame kind 6: spans that applications reported. Their times are of the Unix epoch, by the clock of the application's host. */
export interface ThirdPartySpans {
  readonly resourceSpans: readonly ReportedResourceSpans[];
}

/** Frame kind 7: a comment that a person attached to the capture, a span or a trace. */
export interface Annotation {
  readonly id: string;
  /** Monotonic; 0 = about no instant. */
  readonly time: bigint;
  readonly author?: string;
  readonly text: string;
  readonly span?: string;
  readonly trace?: string;
}

/** What belongs to a resource, by OpenTelemetry's names for it where there are some, e.g. `container.id`. */
export type ResourceAttributes = Readonly<Record<string, string>>;

/** Frame kind 8, at `time` (monotonic). A later one of the same host replaces it. */
export interface TagsRecord {
  readonly time: bigint;
  readonly host: ResourceAttributes;
  /** What the one who recorded gave to it. */
  readonly labels: ResourceAttributes;
  /** Processes that share attributes: those of a container. */
  readonly groups: readonly TaggedProcesses[];
}

export interface TaggedProcesses {
  readonly pids: readonly number[];
  readonly attributes: ResourceAttributes;
}

/** One frame as the index (kind 9) lists it. */
export interface IndexEntry {
  /** Byte position of the frame's head, from the section's magic. */
  readonly offset: number;
  readonly kind: FrameKind | number;
  /** Monotonic; 0 where the frame has no time. */
  readonly firstTime: bigint;
  readonly lastTime: bigint;
  /** Events in it; 0 for other frames. */
  readonly count: number;
}
