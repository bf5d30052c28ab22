import type { SocketInfo, ThreadInfo } from './event-block';

/** What was already there when the capture (or the minute) began: capture frame kind 3. */
export interface StateSnapshot {
  readonly processes: readonly ProcessInfo[];
  readonly sockets: readonly (SocketInfo & { readonly pid: number; readonly fd: number })[];
}

export interface ProcessInfo extends ThreadInfo {
  readonly parentPid: number;
  readonly commandLine: string;
}

/** Losses over an interval: capture frame kind 4. All counts are events since the previous report. */
export interface LossReport {
  /** Events the kernel could not put into the ring, by CPU. */
  readonly ringDrops: readonly number[];
  /** Events of programs that the filter left out; absent = not counted. */
  readonly filtered?: number;
  /** Calls whose payload was longer than the limit. */
  readonly truncatedPayloads: number;
  /** Events left out because the spool of a live sender was full; absent = none. */
  readonly spoolDrops?: number;
  /** Bytes of payload that it had no room for; their calls are there. */
  readonly shedPayloadBytes?: number;
  /** What the hooks cannot see: bytes that splice(2) moved to or from a socket, requests made through io_uring; absent = none. */
  readonly splicedBytes?: number;
  readonly ioUringRequests?: number;
  /** Bytes of TLS plaintext that could not be tied to a socket; absent = none. */
  readonly tlsUnplacedBytes?: number;
  /** Packets that came faster than they were taken off the interfaces; absent = none. */
  readonly packetDrops?: number;
}
