import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageRoot } from './package-root';

/** Settings of `bpf/capture_event.h`'s `capture_config`, and the size of the ring. */
export interface SessionOptions {
  /** Either end of a recorded socket has one of these; empty = any. */
  readonly ports: readonly number[];
  /** A process that executes a program of one of these names becomes a target. At most 16, 15 bytes each. */
  readonly comms: readonly string[];
  /** Bytes kept of each call, at most 8192. */
  readonly payloadLimit: number;
  /** Never recorded. */
  readonly agentPid: number;
  readonly allProcesses: boolean;
  /** Record fork, exec and exit. */
  readonly lifecycle: boolean;
  /** Record unix stream sockets too. */
  readonly unixSockets: boolean;
  /** Load the probes of TLS libraries; `attachProbe` sets them to work. */
  readonly tls: boolean;
  /** Load the probes of Go programs. */
  readonly coroutines: boolean;
  /** A power of two, at least a page. */
  readonly ringBytes: number;
}

/** Totals since the start, one number per CPU. */
export interface Counters {
  readonly recorded: readonly number[];
  readonly dropped: readonly number[];
  /** What went by unseen, all CPUs together: bytes moved by splice(2) to or from sockets, requests made through io_uring. */
  readonly splicedBytes: number;
  readonly ioUringRequests: number;
  /** Bytes of TLS plaintext whose socket is not known. */
  readonly tlsUnplacedBytes: number;
}

/** The kernel programs, loaded by the constructor, which throws with what libbpf said. */
export interface NativeSession {
  /** Attaches. `onBatch` gets whole records (`raw-event.ts`), `onEnd` comes once after the last batch. Neither may throw. */
  start(onBatch: (records: ArrayBuffer) => void, onEnd: () => void): void;
  /** Detaches and empties the ring; `onEnd` says when. */
  stop(): void;
  /** Unloads; only after `onEnd`, or without `start`. */
  close(): void;
  addTarget(pid: number): void;
  isTarget(pid: number): boolean;
  counters(): Counters;
  /** Records of kind `existing`: the sockets that targets hold now. */
  existingSockets(): ArrayBuffer;
  /** Sets a probe into one process. False when the kernel says no: the process or the file is gone. Not after `stop`. */
  attachProbe(program: string, pid: number, path: string, offset: number): boolean;
  /** The process runs Go, whose `runtime.g` has the goroutine's id at this offset; 0 = it does not. */
  setGoroutineOffset(pid: number, offset: number): void;
  /** Takes a process's probes out again, in the background. Not after `stop`. */
  releaseProbes(pid: number): void;
}

/** The packets of one interface, as `native/packet_ring.h` says. */
export interface NativePacketRing {
  /** `onBatch` gets runs of `packet_record`, `onEnd` comes once after the last. Neither may throw. */
  start(onBatch: (records: ArrayBuffer) => void, onEnd: () => void): void;
  /** Takes what has come; `onEnd` says when it is done. */
  stop(): void;
  /** Only after `onEnd`, or without `start`. */
  close(): void;
  /** Packets that found no room, since it was opened. */
  drops(): number;
  /** Inode and addresses (4 or 16 bytes) of the interface's namespace; whether the interface is one end of a veth pair. */
  place(): { readonly netns: number; readonly isVeth: boolean; readonly addresses: readonly Buffer[] };
}

export interface NativeAddon {
  /** Throws with what the kernel said. `netnsPath` empty = the own namespace; `filter`: `struct sock_filter`s. */
  readonly PacketRing: new (
    interfaceName: string,
    netnsPath: string,
    filter: Uint8Array,
  ) => NativePacketRing;
  readonly Session: new (options: SessionOptions) => NativeSession;
  /** Nanoseconds of CLOCK_MONOTONIC and CLOCK_REALTIME at the same instant. */
  clockPair(): { readonly monotonic: bigint; readonly realtime: bigint };
  /** Of libbpf, e.g. `v1.1`. */
  libraryVersion(): string;
}

/** Why this host cannot record; the message says what to do. */
export class CannotRecord extends Error {}

export const APT_LINE = 'apt-get install -y clang libbpf-dev libelf-dev zlib1g-dev g++ make';

/** Loads the addon. Throws `CannotRecord` when it was not built or a library it needs is missing. */
export function loadAddon(): NativeAddon {
  const path = join(packageRoot(), 'build', 'Release', 'causeway.node');
  if (process.platform !== 'linux') throw new CannotRecord('Recording needs Linux; everything else works here.');
  if (!existsSync(path)) {
    throw new CannotRecord(`The recorder is not built: run \`${APT_LINE}\`, then \`npm run build\`.`);
  }
  try {
    return createRequire(import.meta.url)(path) as NativeAddon;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CannotRecord(`The recorder cannot be loaded (${reason}): run \`apt-get install -y libbpf1\`.`);
  }
}
