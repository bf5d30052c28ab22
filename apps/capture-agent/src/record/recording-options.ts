import type { CaptureSink } from '@causeway/replay';
import { CannotRecord, type NativeAddon, type SessionOptions } from '../native/native-addon';
import type { PacketPoint } from '../packets/packet-point';
import type { Tagger } from '../tags/tagger';
import type { CallReturns, ReturnsReason } from './call-returns';
import type { Admission, Shed } from './frame-queue';
import type { PayloadPolicy } from './payload-policy';
import { isForAllProcesses, keptComm, type RecordTargets } from './targets';

const DEFAULT_RING_BYTES = 16 * 1024 * 1024;

/** Where calls are seen: as they leave the code of the sockets, or as system calls. */
export const HOOKS = ['sockets', 'calls'] as const;
export type Hooks = (typeof HOOKS)[number];

export interface RecordingOptions {
  readonly targets: RecordTargets;
  /** Bytes kept of each call, 0–8192. */
  readonly payloadLimit: number;
  /** What of it is kept, and masked. Default: all of it, nothing. */
  readonly payloadPolicy?: PayloadPolicy;
  /** Record unix stream sockets too. Default true. */
  readonly unixSockets?: boolean;
  /** Record what goes through TLS libraries, before it is encrypted. Default false. */
  readonly tls?: boolean;
  /** Tell the goroutines of Go programs apart. Default false. */
  readonly go?: boolean;
  /** Where calls are seen. Default: at the sockets where the kernel can. */
  readonly hooks?: Hooks;
  /** Default `auto`. Where calls are seen as system calls, their returns always are. */
  readonly callReturns?: CallReturns;
  /** The returns of system calls are watched from here on, for the sake of this process. */
  readonly onCallReturns?: (reason: ReturnsReason, pid: number) => void;
  /** Use the programs as kernels before 6.2 would. Default false: the kernel decides. */
  readonly withoutCasts?: boolean;
  /** Read packets too. `hosts`: only of these addresses. */
  readonly packets?: { readonly points: readonly PacketPoint[]; readonly hosts: readonly string[] };
  /** A power of two. */
  readonly ringBytes?: number;
  /** Age in milliseconds at which a block that is not full is written. */
  readonly flushMs: number;
  readonly sink: CaptureSink;
  /** Finds out what the processes belong to; default: nobody does. */
  readonly tagger?: Tagger;
  /** Asked before a block is written; what is given up is counted. Default: always. */
  readonly admit?: Admission;
  /** `admit` made us give up payload, or events: called the first time each. */
  readonly onShed?: (what: Shed) => void;
  /** Something that is asked for cannot be done for a program. */
  readonly tell?: (text: string) => void;
  /** The sink failed; nothing more is written. Called once. */
  readonly onFailure: (error: unknown) => void;
}

export interface RecordingCounts {
  /** Events put into blocks. */
  readonly events: number;
  /** Events the kernel could not put into the ring. */
  readonly ringDrops: number;
  /** Events, and bytes of payload, left out because `admit` refused. */
  readonly refused: number;
  readonly shedPayloadBytes: number;
  readonly truncatedPayloads: number;
  /** Bytes handed to the sink. */
  readonly bytes: number;
}

/** Throws `CannotRecord` when the kernel cannot do what is asked for. */
export function seesCallsAtSockets(addon: NativeAddon, hooks: Hooks | undefined): boolean {
  if (hooks === 'calls') return false;
  const can = addon.canAttachToSockets();
  if (hooks === 'sockets' && !can) throw new CannotRecord('Calls can be seen at the sockets from Linux 6.5 on.');
  return can;
}

/** What the kernel programs are loaded with. */
export function sessionOptionsOf(options: RecordingOptions, atSockets: boolean): SessionOptions {
  const { targets, payloadLimit, payloadPolicy, ringBytes = DEFAULT_RING_BYTES } = options;
  return {
    ports: targets.ports,
    excludedPorts: targets.excludedPorts,
    prefixes: targets.networks,
    cgroups: targets.cgroups,
    comms: targets.comms.map(keptComm),
    payloadLimit,
    ...(payloadPolicy?.turnLimit !== undefined && { turnLimit: payloadPolicy.turnLimit }),
    verdicts: payloadPolicy?.decidesConnections ?? false,
    agentPid: process.pid,
    allProcesses: isForAllProcesses(targets),
    // Of a recording by port only, the life of every process on the host is no part.
    lifecycle: targets.all || !isForAllProcesses(targets),
    unixSockets: options.unixSockets ?? true,
    tls: options.tls ?? false,
    coroutines: options.go ?? false,
    ...(payloadPolicy?.redactor?.hints ?? { secretNames: [], secretFirstBytes: [] }),
    withoutCasts: options.withoutCasts ?? false,
    atSockets,
    ringBytes,
  };
}
