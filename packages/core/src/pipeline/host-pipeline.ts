import { SystraceSource, ThreadTrace } from '../association/systrace';
import type { HostId, Nanoseconds } from '../base/brand';
import {
  Direction,
  type EventBlock,
  EventFlag,
  EventKind,
  NONE,
  type SocketInfo,
  type ThreadInfo,
} from '../event/event-block';
import { startSequence } from '../event/start-sequence';
import type { StateSnapshot } from '../event/state';
import type { PipelineOutput } from '../pipeline';
import type { ParserSet } from '../protocol/parser-set';
import { slotOf } from '../session/time-slots';
import type { LoopMoment } from '../span/span';
import { type ConnectCall, Connection, type ConnectionHost } from './connection';
import type { CoverageCounters } from './coverage-counters';

/** How often what waits for time to pass is looked at, in nanoseconds of the capture's time. */
const SWEEP_EVERY_NS = 10_000_000;
/** errno of a connect that goes on in the background. */
const EINPROGRESS = 115;
/** What closes that a packet with RST makes bear as their result. */
const ECONNRESET = 104;
/** Thread numbers are below this (PID_MAX_LIMIT), so that pid and tid fit one key. */
const TID_RANGE = 4_194_304;
/** Pseudo-threads known at once. */
const MAX_PSEUDO_THREADS = 65_536;

/** All that is known of one host: its connections and threads. Rows of its event blocks go in, in file order. */
export class HostPipeline implements ConnectionHost {
  private readonly connections = new Map<string, Connection>();
  private readonly traces = new Map<number, ThreadTrace>();
  private readonly pseudoTraces = new Map<string, ThreadTrace>();
  private readonly systraceSource = new SystraceSource();
  private readonly waiting = new Set<Connection>();
  /** Roles that snapshots know and events do not. */
  private readonly snapshotSockets = new Map<string, SocketInfo>();
  /** Of sockets that carried nothing yet. */
  private readonly connects = new Map<string, ConnectCall>();
  private readonly countedSockets = new Set<string>();
  private nextSweep = Number.NEGATIVE_INFINITY;
  private slot = Number.NEGATIVE_INFINITY;

  constructor(
    readonly hostId: HostId,
    readonly output: PipelineOutput,
    readonly coverage: CoverageCounters,
    readonly parsers: ParserSet,
  ) {}

  wait(connection: Connection): void {
    this.waiting.add(connection);
  }

  push(block: EventBlock): void {
    const { count, kind, exit, timeShift, socket } = block;
    // Looked up once a block, not once an event.
    const connections = new Array<Connection | undefined>(block.sockets.length).fill(undefined);
    const traces = new Array<ThreadTrace | undefined>(block.threads.length).fill(undefined);
    this.coverage.events += count;
    for (let row = 0; row < count; row += 1) {
      const now = (exit[row]! + timeShift) as Nanoseconds;
      if (now >= this.nextSweep) this.sweep(now);
      const index = socket[row]!;
      if (kind[row] === EventKind.data) {
        if (index < connections.length) this.data(block, row, now, index, connections, traces);
      } else {
        this.lifecycle(block, row, index, connections, traces);
      }
    }
  }

  snapshot(state: StateSnapshot): void {
    for (const socket of state.sockets) {
      this.snapshotSockets.set(socket.id, socket);
      this.countSocket(socket);
    }
  }

  end(): void {
    for (const connection of this.connections.values()) connection.close('still-open');
    this.connections.clear();
    this.waiting.clear();
  }

  private data(
    block: EventBlock,
    row: number,
    now: Nanoseconds,
    index: number,
    connections: (Connection | undefined)[],
    traces: (ThreadTrace | undefined)[],
  ): void {
    this.coverage.dataEvents += 1;
    const result = block.result[row]!;
    const flags = block.flags[row]!;
    if (result < 0 || (flags & EventFlag.peek) !== 0) return;
    const threadIndex = block.thread[row]!;
    const thread = block.threads[threadIndex];
    if (thread === undefined) return;
    let connection = connections[index];
    if (connection === undefined) {
      connection = this.connection(block.sockets[index]!, flags, thread);
      connections[index] = connection;
    }
    connection.usedBy(thread.pid);
    connection.lastSlot = this.slot;
    connection.lastDataTime = now;
    const direction = block.direction[row]! as Direction;
    connection.observed(direction, flags, block.rtt[row]!);
    const trace = traces[threadIndex] ?? this.trace(thread, threadIndex, traces);
    if (result === 0) {
      const reader = connection.ignored ? connection.plaintext : connection;
      if (reader !== undefined && direction === Direction.ingress && connection.socket.transport !== 'udp') {
        trace.resume(reader.lastInputId);
        reader.endOfIngress();
        reader.endedAt({ time: now, tid: thread.tid, loopTurn: loopTurnOf(block, row, thread, trace) });
      }
      return;
    }
    if ((flags & EventFlag.tls) !== 0) connection = connection.openPlaintext();
    if (connection.ignored) return;
    const time = direction === Direction.egress ? ((block.enter[row]! + block.timeShift) as Nanoseconds) : now;
    const sequence =
      (flags & EventFlag.tcpSeq) === 0
        ? undefined
        : startSequence(block.tcpSeqEnter[row]!, block.tcpSeqExit[row]!, result, block.abi[row]!, block.detail[row]!);
    const loopTurn = loopTurnOf(block, row, thread, trace);
    const mark = { ordinal: block.firstOrdinal + row, time, thread, trace, loopTurn };
    if ((flags & EventFlag.afterFiltered) !== 0 && sequence !== undefined) connection.skipTo(direction, sequence);
    connection.data(direction, sequence, result, block.payload(row), mark);
  }

  private lifecycle(
    block: EventBlock,
    row: number,
    index: number,
    connections: (Connection | undefined)[],
    traces: (ThreadTrace | undefined)[],
  ): void {
    const threadIndex = block.thread[row]!;
    const thread = block.threads[threadIndex];
    const info = index === NONE ? undefined : block.sockets[index];
    switch (block.kind[row]) {
      case EventKind.connect:
      case EventKind.accept:
        if (info === undefined || info.transport === 'udp' || failedCall(block.result[row]!)) return;
        if ((block.flags[row]! & EventFlag.packet) !== 0) {
          this.synchronised(block, row, info, thread);
          return;
        }
        this.begin(info, (block.enter[row]! + block.timeShift) as Nanoseconds);
        if (thread !== undefined && block.kind[row] === EventKind.connect) {
          const trace = traces[threadIndex] ?? this.traces.get(traceKey(thread));
          this.noteConnect(info, { id: trace?.openId, moment: momentOf(block, row, thread, trace) });
        }
        connections[index] = undefined;
        return;
      case EventKind.close:
        if (info === undefined || thread === undefined) return;
        if (block.result[row] === -ECONNRESET) this.connections.get(keyOf(info))?.reset();
        this.connections
          .get(keyOf(info))
          ?.endedAt(momentOf(block, row, thread, traces[threadIndex] ?? this.traces.get(traceKey(thread))));
        this.release(keyOf(info), thread.pid);
        this.connects.delete(keyOf(info));
        connections[index] = undefined;
        return;
      case EventKind.retransmit:
        if (info !== undefined) this.connections.get(keyOf(info))?.retransmitted();
        return;
      case EventKind.reset:
        if (info !== undefined) this.connections.get(keyOf(info))?.reset();
        return;
      case EventKind.exit:
        if (thread === undefined) return;
        traces[threadIndex]?.forget();
        this.traces.delete(traceKey(thread));
        if (thread.pid === thread.tid) {
          for (const key of [...this.connections.keys()]) this.release(key, thread.pid, true);
          connections.fill(undefined);
        }
    }
  }

  /** A packet with SYN. Each connection that packets showed has an id of its own: there is no earlier one to end. */
  private synchronised(block: EventBlock, row: number, info: SocketInfo, thread: ThreadInfo | undefined): void {
    if (thread === undefined) return;
    const connection = this.connection(info, block.flags[row]!, thread);
    connection.startsAt(block.direction[row]! as Direction, block.tcpSeqEnter[row]!);
  }

  /** A socket was connected or accepted: what an earlier connection left under its name is over. */
  private begin(info: SocketInfo, time: Nanoseconds): void {
    const key = keyOf(info);
    const earlier = this.connections.get(key);
    // A second connect() only asks how the first one is getting on.
    if (earlier === undefined || earlier.lastDataTime > time) return;
    earlier.close('connection-closed');
    this.forget(key, earlier);
  }

  /** Only the first call counts: the next one asks how it is getting on, in whatever context that is. */
  private noteConnect(info: SocketInfo, call: ConnectCall): void {
    const key = keyOf(info);
    if (!this.connections.has(key) && !this.connects.has(key)) this.connects.set(key, call);
  }

  private release(key: string, pid: number, onlyUser = false): void {
    const connection = this.connections.get(key);
    if (connection === undefined || (onlyUser && !connection.isUsedBy(pid)) || !connection.releasedBy(pid)) return;
    connection.close('connection-closed');
    this.forget(key, connection);
  }

  private forget(key: string, connection: Connection): void {
    this.connections.delete(key);
    this.waiting.delete(connection);
    if (connection.plaintext !== undefined) this.waiting.delete(connection.plaintext);
  }

  private connection(info: SocketInfo, flags: number, thread: ThreadInfo): Connection {
    const key = keyOf(info);
    const known = this.connections.get(key);
    if (known !== undefined) {
      known.describe(info);
      return known;
    }
    const snapshot = info.role === 'unknown' ? this.snapshotSockets.get(info.id) : undefined;
    const connection = new Connection(
      snapshot === undefined ? info : { ...info, role: snapshot.role },
      this,
      (flags & EventFlag.packet) === 0 ? undefined : thread.comm,
    );
    const connect = this.connects.get(key);
    if (connect !== undefined) {
      connection.connectedUnder(connect);
      this.connects.delete(key);
    }
    this.connections.set(key, connection);
    this.countSocket(info);
    return connection;
  }

  private countSocket(info: SocketInfo): void {
    if (this.countedSockets.has(info.id)) return;
    this.countedSockets.add(info.id);
    this.coverage.sockets += 1;
    if (info.preexisting) this.coverage.preexistingSockets += 1;
  }

  private trace(thread: ThreadInfo, index: number, traces: (ThreadTrace | undefined)[]): ThreadTrace {
    const trace = thread.pseudoThread === undefined ? this.threadTrace(thread) : this.pseudoTrace(thread);
    traces[index] = trace;
    return trace;
  }

  private threadTrace(thread: ThreadInfo): ThreadTrace {
    const key = traceKey(thread);
    let trace = this.traces.get(key);
    if (trace === undefined) {
      trace = new ThreadTrace(this.systraceSource);
      this.traces.set(key, trace);
    }
    return trace;
  }

  /** Coroutines end unseen: the one that was used longest ago is forgotten. */
  private pseudoTrace({ pid, pseudoThread }: ThreadInfo): ThreadTrace {
    const key = `${pid} ${pseudoThread}`;
    const trace = this.pseudoTraces.get(key) ?? new ThreadTrace(this.systraceSource);
    this.pseudoTraces.delete(key);
    this.pseudoTraces.set(key, trace);
    if (this.pseudoTraces.size > MAX_PSEUDO_THREADS) {
      for (const [oldest] of this.pseudoTraces) {
        this.pseudoTraces.delete(oldest);
        break;
      }
    }
    return trace;
  }

  /** Lets time pass for whatever waits for it. Driven by events alone, so that every replay does the same. */
  private sweep(now: Nanoseconds): void {
    this.nextSweep = now + SWEEP_EVERY_NS;
    for (const connection of this.waiting) if (!connection.pass(now)) this.waiting.delete(connection);
    const slot = slotOf(now);
    if (slot <= this.slot) return;
    this.slot = slot;
    for (const [key, connection] of this.connections) if (connection.expire(slot)) this.forget(key, connection);
  }
}

/** A datagram socket may talk to many peers: each is a connection of its own. */
function keyOf(socket: SocketInfo): string {
  return socket.transport !== 'udp' ? socket.id : `${socket.id} ${socket.remote.address} ${socket.remote.port}`;
}

function traceKey(thread: ThreadInfo): number {
  return thread.pid * TID_RANGE + thread.tid;
}

/** Of a call that is no message. */
function momentOf(block: EventBlock, row: number, thread: ThreadInfo, trace: ThreadTrace | undefined): LoopMoment {
  const time = (block.enter[row]! + block.timeShift) as Nanoseconds;
  return { time, tid: thread.tid, loopTurn: trace && loopTurnOf(block, row, thread, trace) };
}

/** The loop that waits for many goroutines is no turn of any of them. */
function loopTurnOf(block: EventBlock, row: number, { pseudoThread }: ThreadInfo, trace: ThreadTrace) {
  return pseudoThread === undefined ? trace.loopTurnAt(block.loopTurn[row]!) : undefined;
}

function failedCall(result: number): boolean {
  return result < 0 && result !== -EINPROGRESS;
}
