import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { EventColumn } from '@causeway/replay';
import { packageRoot } from './package-root';

/** A network. Address and mask are 16 bytes, the first four for family 4; the address is zero where the mask is. */
export interface Prefix {
  readonly family: 4 | 6;
  readonly address: Uint8Array;
  readonly mask: Uint8Array;
}

/** A control group of version 2, with all below it. */
export interface ControlGroup {
  /** Inode of its folder. */
  readonly id: bigint;
  /** The root has 0. */
  readonly level: number;
}

/** How to tell payload that hides nothing, for the column `findings` of a block. */
export interface SecretHints {
  /** In lower case. Without any, a name may stand anywhere. */
  readonly secretNames: readonly string[];
  /** With which payload begins that may hold a secret without a name. */
  readonly secretFirstBytes: readonly number[];
}

/** Byte offsets in a block's memory (`native/event_block.h`), and its size; what `BlockSpace` reads by. */
export interface BlockLayout {
  readonly columns: Readonly<Record<EventColumn | 'findings', number>>;
  readonly base: number;
  readonly socketHeads: number;
  readonly threadHeads: number;
  readonly texts: number;
  /** Room for what stands before the payload in the encoded block. */
  readonly head: number;
  readonly payload: number;
  readonly bytes: number;
  /** Most rows, and most rows of a table. */
  readonly rows: number;
  readonly tableRows: number;
}

/** What becomes of the ring's records. None may throw. */
export interface BlockReceiver {
  /** The space holds a block, and is left alone until `giveBack`. */
  block(space: number): void;
  /** All that had come when `flush` was called for the `count`th time has been given to `block`. */
  flushed(count: number): void;
  /** At once, for each process that was forked (its pid), executed a program or ended: an `EventKind`. */
  process?(kind: number, pid: number): void;
  /** At once, until `watchReturns`, for each connect and accept, and (kind `data`) for each datagram whose sender is not known. */
  opening?(kind: number, pid: number): void;
}

/** Settings of `bpf/capture_event.h`'s `capture_config`, and the size of the ring. */
export interface SessionOptions {
  /** Either end of a recorded socket has one of these; empty = any. */
  readonly ports: readonly number[];
  /** Neither end of a recorded socket has one of these. */
  readonly excludedPorts: readonly number[];
  /** Either end of a recorded socket is in one of these; empty = anywhere. At most 16. */
  readonly prefixes: readonly Prefix[];
  /** A process that executes a program in one of these becomes a target. At most 8. */
  readonly cgroups: readonly ControlGroup[];
  /** A process that executes a program of one of these names becomes a target. At most 16, 15 bytes each. */
  readonly comms: readonly string[];
  /** Bytes kept of each call, at most 8192. */
  readonly payloadLimit: number;
  /** Bytes kept of what goes one way over a connection until something comes back, below 2^32. Absent = all. */
  readonly turnLimit?: number;
  /** `decide` will be called. */
  readonly verdicts: boolean;
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
  readonly secretNames: SecretHints['secretNames'];
  readonly secretFirstBytes: SecretHints['secretFirstBytes'];
  /** Read kernel memory as kernels before 6.2 must, though this one may know better. */
  readonly withoutCasts: boolean;
  /** See calls at the sockets, not as system calls; only where `canAttachToSockets`. */
  readonly atSockets: boolean;
  /** A power of two, at least a page. */
  readonly ringBytes: number;
}

/** Totals since the start. */
export interface Counters {
  /** Events that the ring had no room for, one number per CPU. */
  readonly dropped: readonly number[];
  /** What went by unseen, all CPUs together: bytes moved by splice(2) to or from sockets, requests made through io_uring. */
  readonly splicedBytes: number;
  readonly ioUringRequests: number;
  /** Bytes of TLS plaintext whose socket is not known. */
  readonly tlsUnplacedBytes: number;
  /** Calls left out by what `decide` said. */
  readonly filtered: number;
}

/** In place of a number of bytes: nothing of the conversation is recorded. */
export const LEAVE_OUT = 0xffff_ffff;

/** `struct capture_conversation`: what a socket carries, or what TLS carries over it. Its kernel address comes in halves. */
export type Conversation = readonly [socketLow: number, socketHigh: number, inode: number, plaintext: boolean];

/** The kernel programs, loaded by the constructor, which throws with what libbpf said. */
export interface NativeSession {
  /**
   * Attaches and fills the spaces in turn, each with a block. While all are out, the kernel's ring fills. `onEnd` comes once after
   * the last block, and may not throw.
   */
  start(spaces: readonly ArrayBuffer[], receiver: BlockReceiver, onEnd: () => void): void;
  /** Asks for the block that is begun. */
  flush(): void;
  giveBack(space: number): void;
  /** Detaches and empties the ring; `onEnd` says when. */
  stop(): void;
  /** Unloads; only after `onEnd`, or without `start`. */
  close(): void;
  /** Whether a process is recorded; what it starts from then on goes the same way. */
  setTarget(pid: number, wanted: boolean): void;
  isTarget(pid: number): boolean;
  /** From the conversation's next call on: bytes kept of each call, at most 8192, or `LEAVE_OUT`. Not after `close`. */
  decide(...args: readonly [...conversation: Conversation, payloadLimit: number]): void;
  forget(...conversation: Conversation): void;
  counters(): Counters;
  /** Records of kind `existing`: the sockets that targets hold now. */
  existingSockets(): ArrayBuffer;
  /** What `existingSockets` did not tell of is new from here on; for `atSockets`, which sees no accept. */
  hasListedSockets(): void;
  /**
   * The returns of system calls are seen from here on, which tell turns of event loops and who sent a datagram; for `atSockets`,
   * otherwise they always are. Not after `stop`.
   */
  watchReturns(): void;
  /** Sets a probe into one process. False when the kernel says no: the process or the file is gone. Not after `stop`. */
  attachProbe(program: string, pid: number, path: string, offset: number): boolean;
  /**
   * The process runs Go, whose `runtime.g` has the goroutine's id at `idAt` (0 = it does not), and whose threads keep the
   * current one `threadPlace` from their thread pointer.
   */
  setGoroutinePlaces(pid: number, idAt: number, threadPlace: number): void;
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
  readonly blockLayout: BlockLayout;
  /**
   * Puts records, each a head and its payload, into a block as if they had come from the ring. Returns how many bytes of them went
   * in: fewer than all when it became full. For tests.
   */
  fillBlock(memory: ArrayBuffer, records: Uint8Array, hints: SecretHints): number;
  /** Whether no name stands before a colon or equals sign in the bytes: what the writer of blocks asks, here for tests. */
  findsNone(names: readonly string[], bytes: Uint8Array): boolean;
  /** gzip, on another thread; the bytes must stay as they are meanwhile. `undefined` when it would not be smaller. */
  gzip(bytes: Uint8Array): Promise<Uint8Array | undefined>;
  /** Becomes another program, given by its path and arguments. Returns only when that program cannot be started. */
  execute(command: readonly string[]): void;
  /** Whether the kernel tells of calls at its sockets: Linux 6.5. */
  canAttachToSockets(): boolean;
  /** Of libbpf, e.g. `v1.1`. */
  libraryVersion(): string;
}

/** Why this host cannot record; the message says what to do. */
export class CannotRecord extends Error {
  constructor(
    message: string,
    /** What to do about it, by itself. */
    readonly remedy = '',
  ) {
    super(message);
  }
}

const BUILD_LINE = 'apt-get install -y clang libbpf-dev libelf-dev zlib1g-dev g++ make && npm run build';
/** What the addon is linked with, beside what Node itself needs: libbpf needs the others. */
const LIBRARIES_LINE = 'apt-get install -y libbpf1 libelf1 zlib1g';

export const ADDON_PATH = join(packageRoot(), 'build', 'Release', 'causeway.node');

/** Loads the addon. Throws `CannotRecord` when it was not built or a library it needs is missing. */
export function loadAddon(): NativeAddon {
  if (process.platform !== 'linux') throw new CannotRecord('Recording needs Linux; everything else works here.');
  if (!existsSync(ADDON_PATH)) {
    throw new CannotRecord(`The recorder is not built: run \`${BUILD_LINE}\`.`, BUILD_LINE);
  }
  try {
    return createRequire(import.meta.url)(ADDON_PATH) as NativeAddon;
  } catch (error) {
    throw unloadable(error instanceof Error ? error.message : String(error));
  }
}

/** `reason` is the dynamic linker's. */
function unloadable(reason: string): CannotRecord {
  const library = /^(lib\S+\.so\S*): /.exec(reason)?.[1];
  if (library !== undefined) {
    return new CannotRecord(
      `The recorder needs ${library}, which this host lacks: run \`${LIBRARIES_LINE}\`.`,
      LIBRARIES_LINE,
    );
  }
  const remedy = /GLIBC/.test(reason)
    ? 'Use a host with glibc 2.32 or later (Debian 12, Ubuntu 22.04, RHEL 9), or build the recorder on this one.'
    : LIBRARIES_LINE;
  return new CannotRecord(`The recorder cannot be loaded (${reason}).`, remedy);
}
