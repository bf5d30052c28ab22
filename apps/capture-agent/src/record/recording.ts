import { randomUUID } from 'node:crypto';
import { EventKind } from '@causeway/core';
import { type CaptureHeader, type CaptureSink, CaptureWriter, type RawEventBlock } from '@causeway/replay';
import { nodeCodec } from '@causeway/replay/node';
import { hostFacts } from '../host/host-facts';
import { usesEventPoll } from '../host/processes';
import { CannotRecord, loadAddon, type NativeSession } from '../native/native-addon';
import { PacketRecorder } from '../packets/packet-recorder';
import { goProbes } from '../probes/go';
import { ProcessProbes } from '../probes/process-probes';
import { TLS } from '../probes/tls';
import { BlockBuilder } from './block-builder';
import { BlockSpace } from './block-space';
import { CallReturnsNeed } from './call-returns';
import { Flushes } from './flushes';
import { FrameQueue } from './frame-queue';
import { LossLedger } from './loss-ledger';
import { type RecordingCounts, type RecordingOptions, seesCallsAtSockets, sessionOptionsOf } from './recording-options';
import { Shedding } from './shedding';
import { SocketRegistry } from './socket-registry';
import { takeSnapshot } from './state-snapshot';
import { chooseRunning, filtersOf, isForAllProcesses } from './targets';

const CLOCK_EVERY_MS = 30_000;
const SNAPSHOT_EVERY_MS = 60_000;
const LOSS_EVERY_MS = 1_000;
/** Libraries may be loaded at any time. */
const PROBES_EVERY_MS = 1_000;
/** For event blocks on their way from the ring to the sink: three to four megabytes each. */
const SPACES = 8;
const PRODUCER_VERSION = '0.1.0';

/** From the kernel programs to the bytes of a capture: one recording. */
export class Recording {
  readonly captureId = randomUUID();
  readonly hostName: string;
  private readonly addon = loadAddon();
  private readonly atSockets: boolean;
  private readonly session: NativeSession;
  private readonly registry: SocketRegistry;
  private readonly builder: BlockBuilder;
  private readonly probes: ProcessProbes | undefined;
  private readonly packets: PacketRecorder | undefined;
  private readonly losses: LossLedger;
  private readonly spaces = Array.from({ length: SPACES }, () => new BlockSpace(this.addon.blockLayout));
  private readonly flushes = new Flushes();
  private writer: CaptureWriter;
  private readonly queue: FrameQueue;
  /** Written to files that were left behind. */
  private earlierBytes = 0;
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly ended: Promise<void>;
  private stopping = false;
  private returnsNeed: CallReturnsNeed | undefined;
  private readonly shedding: Shedding;
  private onProcess: ((kind: number, pid: number) => void) | undefined;
  private readonly host = hostFacts();

  /** Begins at once. Throws `CannotRecord`. */
  constructor(private readonly options: RecordingOptions) {
    this.hostName = this.host.hostName;
    this.shedding = new Shedding(options.admit, options.onShed);
    this.registry = new SocketRegistry(this.host.bootId);
    this.writer = makeWriter(options.sink);
    this.queue = new FrameQueue(this.writer, this.addon.gzip, options.onFailure);
    this.builder = new BlockBuilder(this.registry, options.payloadPolicy, {
      decide: (...verdict) => this.session.decide(...verdict),
      forget: (...conversation) => this.session.forget(...conversation),
    });
    this.atSockets = seesCallsAtSockets(this.addon, options.hooks);
    this.session = this.load();
    this.losses = new LossLedger(this.addon.clockPair().monotonic);
    this.begin();
    const { promise, resolve } = deferred();
    this.ended = promise;
    this.watchReturns();
    this.start(resolve);
    chooseRunning(this.session, options.targets);
    this.probes = this.startProbes();
    this.snapshot(true);
    this.session.hasListedSockets();
    this.packets = this.startPackets();
    this.every(options.flushMs, () => void this.flush());
    this.every(LOSS_EVERY_MS, () => this.reportLoss(false));
    this.every(LOSS_EVERY_MS, () => this.writeTags(false));
    this.every(CLOCK_EVERY_MS, () => this.queue.write((writer) => writer.writeClock(this.addon.clockPair())));
    // Of sockets that the last events have opened the snapshot is to know so.
    this.every(SNAPSHOT_EVERY_MS, () => void this.flush().then(() => this.snapshot(false)));
  }

  /** `program`: the file that the process is about to execute, if that is known. */
  addTarget(pid: number, program?: string): void {
    this.session.setTarget(pid, true);
    this.probes?.look(pid, program);
  }

  /**
   * Ends the file with its index and goes on in another, which can be read by itself or behind the first. `open` gives
   * the other when its turn has come; never, when the recording is at its end. Resolves when the first is whole.
   */
  async rotate(open: () => CaptureSink): Promise<void> {
    if (this.stopping) return;
    await this.flush();
    if (this.stopping) return;
    this.reportLoss(true);
    this.queue.replace(() => {
      this.earlierBytes += this.writer.bytesWritten;
      this.writer = makeWriter(open());
      this.writer.writeHeader(this.header());
      return this.writer;
    });
    const rotated = this.queue.idle();
    this.snapshot(false);
    this.writeTags(true);
    await rotated;
  }

  /** Processes that have TLS probes now. */
  get tlsProcesses(): number {
    return this.probes?.processesWith(TLS) ?? 0;
  }

  counts(): RecordingCounts {
    return {
      events: this.builder.events + (this.packets?.events ?? 0),
      ringDrops: sum(this.session.counters().dropped),
      refused: this.shedding.events,
      shedPayloadBytes: this.shedding.payloadBytes,
      truncatedPayloads: this.truncatedPayloads,
      bytes: this.earlierBytes + this.writer.bytesWritten,
    };
  }

  /** Detaches, takes what the ring still holds, writes losses, clock and index. The counts are final. */
  async stop(): Promise<RecordingCounts> {
    this.stopping = true;
    for (const timer of this.timers) clearInterval(timer);
    this.probes?.close();
    this.session.stop();
    await this.ended;
    await this.packets?.stop();
    await this.queue.idle();
    this.reportLoss(true);
    this.writeTags(false);
    this.queue.write((writer) => writer.writeClock(this.addon.clockPair()));
    this.queue.write((writer) => writer.end());
    await this.queue.idle();
    const counts = this.counts();
    this.packets?.close();
    this.session.close();
    return counts;
  }

  private header(): Omit<CaptureHeader, 'version'> {
    const { targets, payloadLimit, payloadPolicy } = this.options;
    return {
      producer: 'causeway',
      producerVersion: PRODUCER_VERSION,
      captureId: this.captureId,
      ...this.host,
      ...this.addon.clockPair(),
      filters: filtersOf(targets, payloadPolicy),
      payloadLimit,
      redactions: payloadPolicy?.phrases ?? [],
      hooks: this.atSockets ? 'sockets' : 'calls',
    };
  }

  /** The first bytes: they open the file. */
  private begin(): void {
    try {
      this.writer.writeHeader(this.header());
    } catch (error) {
      this.session.close();
      throw error;
    }
  }

  private load(): NativeSession {
    return orCannotRecord(() => new this.addon.Session(sessionOptionsOf(this.options, this.atSockets)));
  }

  private start(onEnd: () => void): void {
    const memories = this.spaces.map(({ memory }) => memory);
    const receiver = {
      block: (space: number) => this.take(space),
      flushed: (count: number) => this.flushes.answer(count),
      ...((this.options.tls || this.options.go) && {
        process: (kind: number, pid: number) => this.onProcess?.(kind, pid),
      }),
      ...(this.returnsNeed !== undefined && {
        opening: (kind: number, pid: number) => this.returnsNeed?.opened(kind, pid),
      }),
    };
    orCannotRecord(
      () => this.session.start(memories, receiver, onEnd),
      () => this.session.close(),
    );
  }

  private get truncatedPayloads(): number {
    return this.builder.truncatedPayloads + (this.packets?.truncatedPayloads ?? 0);
  }

  /** Blocks of both kinds at once, so that each pair of them is of one stretch of time. Resolves when they are in the queue. */
  private flush(): Promise<void> {
    this.packets?.flush();
    return this.flushes.ask(() => this.session.flush());
  }

  private startPackets(): PacketRecorder | undefined {
    const { packets, targets, payloadLimit, payloadPolicy, onFailure } = this.options;
    if (packets === undefined || packets.points.length === 0) return undefined;
    const options = {
      ...packets,
      ports: targets.ports,
      payloadLimit,
      policy: payloadPolicy,
      onBlock: (block: RawEventBlock) => this.writePackets(block),
      onFailure,
    };
    return orCannotRecord(
      () => new PacketRecorder(this.addon, options),
      () => {
        for (const timer of this.timers) clearInterval(timer);
        this.probes?.close();
        this.session.stop();
      },
    );
  }

  private watchReturns(): void {
    const { callReturns = 'auto', onCallReturns, tell } = this.options;
    if (!this.atSockets || callReturns === 'never') return;
    if (callReturns === 'always') {
      orCannotRecord(
        () => this.session.watchReturns(),
        () => this.session.close(),
      );
      return;
    }
    this.returnsNeed = new CallReturnsNeed(usesEventPoll, (reason, pid) => {
      if (this.stopping) return;
      try {
        this.session.watchReturns();
        onCallReturns?.(reason, pid);
      } catch (error) {
        // Called from the addon. All else is recorded as before.
        tell?.(`Neither turns of event loops nor senders of datagrams will be told: ${(error as Error).message}`);
      }
    });
  }

  private startProbes(): ProcessProbes | undefined {
    const { targets, tls = false, go = false, tell = () => {} } = this.options;
    const kinds = [...(tls ? [TLS] : []), ...(go ? [goProbes(this.session, tell)] : [])];
    if (kinds.length === 0) return undefined;
    const allProcesses = isForAllProcesses(targets);
    const probes = new ProcessProbes(this.session, kinds, !allProcesses, allProcesses);
    this.onProcess = (kind, pid) => (kind === EventKind.exit ? probes.ended(pid) : probes.lookSoon(pid));
    probes.lookAtAll();
    this.every(PROBES_EVERY_MS, () => probes.lookAtAll());
    return probes;
  }

  /** Never throws: it is called from the addon. The space is kept until its block is written, so that memory stays bounded. */
  private take(number: number): void {
    const space = this.spaces[number]!;
    const letGo = () => this.session.giveBack(number);
    try {
      const block = this.builder.build(space);
      if (block === undefined) {
        letGo();
        return;
      }
      const roomFor = (bytes: number) => space.roomFor(bytes, block.payload.length);
      this.options.tagger?.see(pidsOf(block));
      this.queue.writeHeld({ block, roomFor, letGo }, ...this.shedding.of(block));
    } catch (error) {
      letGo();
      this.options.onFailure(error);
    }
  }

  private writePackets(block: RawEventBlock): void {
    this.options.tagger?.see(pidsOf(block));
    this.queue.writeEvents(block, ...this.shedding.of(block));
  }

  private snapshot(first: boolean): void {
    // Where not even events find room, what the host looks like meanwhile is of no use.
    if (!first && this.options.admit?.(0, false) === false) return;
    const state = takeSnapshot(this.session, this.registry, {
      first,
      redactor: this.options.payloadPolicy?.redactor,
    });
    if (first) for (const socket of state.sockets) this.returnsNeed?.held(socket, socket.pid);
    const time = this.addon.clockPair().monotonic;
    this.queue.write((writer) => writer.writeSnapshot(time, state));
    this.options.tagger?.see(state.processes.map(({ pid }) => pid));
    if (first) this.writeTags(true);
  }

  /** `always`: though nothing was found out since the last time. */
  private writeTags(always: boolean): void {
    const { tagger } = this.options;
    if (tagger === undefined || !(always || tagger.changed)) return;
    const tags = { time: this.addon.clockPair().monotonic, ...tagger.take() };
    this.queue.write((writer) => writer.writeTags(tags));
  }

  private reportLoss(always: boolean): void {
    const { dropped, ...unseen } = this.session.counters();
    const totals = {
      splicedBytes: unseen.splicedBytes,
      ioUringRequests: unseen.ioUringRequests,
      tlsUnplacedBytes: unseen.tlsUnplacedBytes,
      packetDrops: this.packets?.drops ?? 0,
      spoolDrops: this.shedding.events,
      shedPayloadBytes: this.shedding.payloadBytes,
      truncatedPayloads: this.truncatedPayloads,
      filtered: this.builder.filtered + unseen.filtered + (this.packets?.filtered ?? 0),
    };
    const loss = this.losses.report(dropped, totals, this.addon.clockPair().monotonic, always);
    if (loss !== undefined) this.queue.write((writer) => writer.writeLoss(loss));
  }

  private every(milliseconds: number, action: () => void): void {
    this.timers.push(setInterval(action, milliseconds));
  }
}

function makeWriter(sink: CaptureSink): CaptureWriter {
  return new CaptureWriter(sink, { codec: nodeCodec, compress: true });
}

/** Of the block's thread table. */
function pidsOf({ threads }: RawEventBlock): Set<number> {
  const { pid = new Uint8Array(0) } = threads;
  const view = new DataView(pid.buffer, pid.byteOffset, pid.byteLength);
  return new Set(Array.from({ length: pid.byteLength / 4 }, (_, row) => view.getUint32(row * 4, true)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** What has begun by then is undone. */
function orCannotRecord<T>(work: () => T, undo: () => void = () => {}): T {
  try {
    return work();
  } catch (error) {
    undo();
    throw cannotRecord(error);
  }
}

function cannotRecord(error: unknown): CannotRecord {
  const [first = '', ...rest] = String(error instanceof Error ? error.message : error).split('\n');
  const last = rest.filter((line) => line.trim() !== '').at(-1);
  return new CannotRecord(
    `Recording cannot begin: ${first}${last === undefined ? '' : ` (${last})`}. \`causeway doctor\` says what is missing.`,
  );
}
