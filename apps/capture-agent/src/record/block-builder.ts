import { EventFlag, EventKind, NONE, startSequence } from '@causeway/core';
import { type EventColumn, type RawEventBlock, SocketTransport, StoredRole } from '@causeway/replay';
import { missingBefore, type StreamPlace } from '../redact/stream-place';
import { SPACE_PAYLOAD_BYTES } from './batch-space';
import { socketTable, type ThreadEntry, threadTable } from './block-tables';
import { ConversationFilter, type Verdicts } from './conversation-filter';
import { KEEP_PAYLOAD, type PayloadPolicy } from './payload-policy';
import { RAW_EVENT_BYTES, RawEvent, type RawEvents, type RecordBatch } from './raw-event';
import type { SocketRegistry, SocketTuple } from './socket-registry';

/** A block is closed when it holds this many events, or this much payload. */
const FULL_EVENTS = 8192;
const FULL_PAYLOAD_BYTES = 2 * 1024 * 1024;
/** Threads known at once before all are forgotten and learned again. */
const MAX_THREADS = 65_536;
const REPEATED_OR_UNNUMBERED = EventFlag.tcpSeq | EventFlag.peek;
const TWO_22 = 0x40_0000;
const TWO_32 = 0x1_0000_0000;

type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

const makeColumns = () =>
  ({
    kind: new Uint8Array(FULL_EVENTS),
    enter: new Float64Array(FULL_EVENTS),
    exit: new Float64Array(FULL_EVENTS),
    abi: new Uint8Array(FULL_EVENTS),
    direction: new Uint8Array(FULL_EVENTS),
    flags: new Uint16Array(FULL_EVENTS),
    thread: new Uint32Array(FULL_EVENTS),
    socket: new Uint32Array(FULL_EVENTS),
    fd: new Int32Array(FULL_EVENTS),
    result: new Float64Array(FULL_EVENTS),
    tcpSeqEnter: new Uint32Array(FULL_EVENTS),
    tcpSeqExit: new Uint32Array(FULL_EVENTS),
    rtt: new Uint32Array(FULL_EVENTS),
    loopTurn: new Uint8Array(FULL_EVENTS),
    detail: new Uint32Array(FULL_EVENTS),
    payloadLength: new Uint32Array(FULL_EVENTS),
  }) satisfies Record<EventColumn, Column>;

/**
 * Turns the kernel's records into event blocks in columns. Linux hosts are little endian, as the format is, so arrays
 * are stored as they lie in memory.
 */
export class BlockBuilder {
  /** Calls whose payload was longer than what was kept, since the builder was made. */
  truncatedPayloads = 0;
  /** Events left out, since the builder was made. */
  filtered = 0;
  /** Told of each process that was forked, executed a program or ended: its pid. */
  onProcess: ((kind: number, pid: number) => void) | undefined;
  /** Told of each connection that a process opened or accepted. */
  onOpening: ((kind: EventKind, pid: number) => void) | undefined;
  /** Told of who received a datagram from nobody knows where; not of each one. */
  onUnnamedSender: ((pid: number) => void) | undefined;
  /** Events taken, since the builder was made. */
  events = 0;

  private readonly filter: ConversationFilter | undefined;
  private readonly columns = makeColumns();
  /** The block's own, and behind it what of the batch has not been looked at: kept bytes move up in place. */
  private readonly payload = Buffer.alloc(FULL_PAYLOAD_BYTES + SPACE_PAYLOAD_BYTES);
  private payloadBytes = 0;
  private unreadAt = 0;
  private count = 0;
  private block = 0;
  private baseLow = 0;
  private baseHigh = 0;
  private readonly threadsById = new Map<number | string, ThreadEntry>();
  private threads: ThreadEntry[] = [];
  private sockets: SocketTuple[] = [];
  private strings = new Map<string, number>();

  /** `onBlock` must have encoded or copied the block's payload when it returns: the next block is built in its place. */
  constructor(
    private readonly registry: SocketRegistry,
    private readonly onBlock: (block: RawEventBlock) => void,
    private readonly policy: PayloadPolicy = KEEP_PAYLOAD,
    verdicts?: Verdicts,
  ) {
    if (policy.asksProtocol) this.filter = new ConversationFilter(registry, policy, verdicts);
  }

  /** Takes a batch, at most as large as a `BatchSpace` holds. */
  add({ heads, count, payload }: RecordBatch): void {
    this.payload.set(payload, this.payloadBytes);
    this.unreadAt = this.payloadBytes;
    const end = this.payloadBytes + payload.length;
    let moved = 0;
    for (let i = 0; i < count; i++) {
      this.addRecord(heads, i * RAW_EVENT_BYTES);
      if (this.count < FULL_EVENTS && this.payloadBytes < FULL_PAYLOAD_BYTES) continue;
      this.flush();
      this.payload.copyWithin(0, this.unreadAt, end - moved);
      moved += this.unreadAt;
      this.unreadAt = 0;
    }
  }

  /** Gives the block begun, if there is one, to `onBlock`. */
  flush(): void {
    const { count } = this;
    if (count === 0) return;
    const base = (BigInt(this.baseHigh) << 32n) | BigInt(this.baseLow);
    let [first, last] = [Infinity, -Infinity];
    for (let row = 0; row < count; row++) {
      const exit = this.columns.exit[row]!;
      if (exit < first) first = exit;
      if (exit > last) last = exit;
    }
    const stringOf = (text: string) => this.stringOf(text);
    const threads = threadTable(this.threads, stringOf);
    const sockets = socketTable(this.sockets, stringOf);
    const block: RawEventBlock = {
      count,
      base,
      firstTime: base + BigInt(first),
      lastTime: base + BigInt(last),
      columns: this.takeColumns(count),
      sockets,
      threads,
      strings: [...this.strings.keys()],
      payload: this.payload.subarray(0, this.payloadBytes),
    };
    this.count = 0;
    this.payloadBytes = 0;
    this.block += 1;
    this.threads = [];
    this.sockets = [];
    this.strings = new Map();
    this.onBlock(block);
  }

  private takeColumns(count: number): Record<EventColumn, Uint8Array> {
    const taken = Object.entries(this.columns).map(([name, column]) => [
      name,
      new Uint8Array(column.buffer, 0, count * column.BYTES_PER_ELEMENT).slice(),
    ]);
    return Object.fromEntries(taken) as Record<EventColumn, Uint8Array>;
  }

  private addRecord(events: RawEvents, at: number): void {
    const { columns } = this;
    const { u8, u16, u32, i32 } = events;
    const row = this.count;
    const word = at >> 2;
    const kind = u8[at + RawEvent.kind]!;
    const length = u32[word + RawEvent.payloadLength / 4]!;
    const start = this.unreadAt;
    this.unreadAt = start + length;
    const hasSocket = u8[at + RawEvent.family] !== 0;
    const addedFlags = hasSocket && this.filter ? this.filter.flagsOf(events, at, this.payload, start) : 0;
    if (addedFlags === undefined) {
      this.filtered += 1;
      return;
    }
    const enterLow = u32[word + RawEvent.enter / 4]!;
    const enterHigh = u32[word + RawEvent.enter / 4 + 1]!;
    if (row === 0) [this.baseLow, this.baseHigh] = [enterLow, enterHigh];
    columns.kind[row] = kind;
    // Differences of the halves stay exact where 64 bits would not fit a double.
    columns.enter[row] = (enterHigh - this.baseHigh) * TWO_32 + (enterLow - this.baseLow);
    columns.exit[row] =
      (u32[word + RawEvent.exit / 4 + 1]! - this.baseHigh) * TWO_32 + (u32[word + RawEvent.exit / 4]! - this.baseLow);
    columns.abi[row] = u8[at + RawEvent.abi]!;
    columns.direction[row] = u8[at + RawEvent.direction]!;
    columns.flags[row] = u16[(at + RawEvent.flags) >> 1]! | addedFlags;
    columns.thread[row] = this.threadRow(events, at);
    columns.socket[row] = hasSocket ? this.socketRow(events, at, kind) : NONE;
    columns.fd[row] = i32[word + RawEvent.fd / 4]!;
    const result = i32[word + RawEvent.result / 4 + 1]! * TWO_32 + u32[word + RawEvent.result / 4]!;
    columns.result[row] = result;
    columns.tcpSeqEnter[row] = u32[word + RawEvent.tcpSeqEnter / 4]!;
    columns.tcpSeqExit[row] = u32[word + RawEvent.tcpSeqExit / 4]!;
    columns.rtt[row] = u32[word + RawEvent.rtt / 4]!;
    columns.loopTurn[row] = u8[at + RawEvent.loopTurn]!;
    if (kind === EventKind.exec) {
      columns.detail[row] = this.stringOf(this.payload.toString('utf8', start, start + length));
      columns.payloadLength[row] = 0;
    } else if (kind === EventKind.connect || kind === EventKind.accept) {
      columns.detail[row] = 0;
      columns.payloadLength[row] = 0;
      const socket = this.sockets[columns.socket[row]!];
      if (socket !== undefined && length > 0) {
        socket.identity.path = this.payload.toString('utf8', start, start + length);
      }
    } else {
      columns.detail[row] = u32[word + RawEvent.detail / 4]!;
      const moved = kind === EventKind.data && result > 0;
      const searched = u32[word + RawEvent.searched / 4] === 1;
      const kept = moved ? this.keepPayload(start, length, row, searched) : 0;
      columns.payloadLength[row] = kept;
      if (moved && result > kept) this.truncatedPayloads += 1;
    }
    if (kind >= EventKind.fork && kind <= EventKind.exit && this.onProcess !== undefined) {
      this.onProcess(kind, kind === EventKind.fork ? columns.detail[row]! : u32[word + RawEvent.pid / 4]!);
    }
    this.count = row + 1;
    this.events += 1;
  }

  /** Returns how many bytes are kept. `searched`: there is no name of a secret in them. */
  private keepPayload(start: number, length: number, row: number, searched: boolean): number {
    const { payload, payloadBytes: at, columns, policy } = this;
    const socket = this.sockets[columns.socket[row]!];
    if (socket === undefined) return 0;
    const flags = columns.flags[row]!;
    const { identity } = socket;
    // What TLS carries is another stream than what it makes of it.
    const open = (flags & EventFlag.tls) === 0 ? identity : identity.plaintext;
    // Bytes that come twice would be taken for the next frames.
    if (open.http2 !== undefined && (flags & EventFlag.peek) !== 0) return 0;
    const kept = policy.kept(length, socket, columns.direction[row]!, open);
    if (start !== at) payload.copyWithin(at, start, start + kept);
    this.payloadBytes += kept;
    if (policy.redactor !== undefined) {
      const unseen = Math.max(0, columns.result[row]! - kept);
      const missing = (flags & REPEATED_OR_UNNUMBERED) === EventFlag.tcpSeq ? this.missingBefore(open, row) : 0;
      policy.redactor.apply(payload, at, at + kept, open, columns.direction[row]!, unseen, searched, missing);
    }
    return kept;
  }

  private missingBefore(place: StreamPlace, row: number): number {
    const { tcpSeqEnter, tcpSeqExit, result, abi, detail, direction } = this.columns;
    const moved = result[row]!;
    const start = startSequence(tcpSeqEnter[row]!, tcpSeqExit[row]!, moved, abi[row]!, detail[row]!);
    return missingBefore(place, direction[row]!, start, moved);
  }

  private threadRow(events: RawEvents, at: number): number {
    const word = at >> 2;
    const pid = events.u32[word + RawEvent.pid / 4]!;
    const tid = events.u32[word + RawEvent.tid / 4]!;
    const coroutine = events.u32[word + RawEvent.coroutine / 4]!;
    const pseudoThread = events.u32[word + RawEvent.pseudoThread / 4]!;
    const key = coroutine === 0 ? pid * TWO_22 + tid : `${pid} ${tid} ${coroutine} ${pseudoThread}`;
    const commAt = word + RawEvent.comm / 4;
    let thread = this.threadsById.get(key);
    if (
      thread === undefined ||
      thread.commWords[0] !== events.u32[commAt] ||
      thread.commWords[1] !== events.u32[commAt + 1] ||
      thread.commWords[2] !== events.u32[commAt + 2] ||
      thread.commWords[3] !== events.u32[commAt + 3]
    ) {
      if (this.threadsById.size >= MAX_THREADS) this.threadsById.clear();
      const commWords = events.u32.slice(commAt, commAt + 4);
      thread = { pid, tid, comm: events.comm(at), coroutine, pseudoThread, commWords, block: -1, row: -1 };
      this.threadsById.set(key, thread);
    }
    if (thread.block !== this.block) {
      thread.block = this.block;
      thread.row = this.threads.push(thread) - 1;
    }
    return thread.row;
  }

  private socketRow(events: RawEvents, at: number, kind: number): number {
    const tuple = this.registry.tupleOf(events, at);
    const { identity } = tuple;
    if (kind === EventKind.connect || kind === EventKind.accept) {
      this.onOpening?.(kind, events.u32[(at + RawEvent.pid) >> 2]!);
      identity.role = kind === EventKind.connect ? StoredRole.client : StoredRole.server;
      identity.preexisting = false;
    } else if (kind === EventKind.close) {
      identity.closed = true;
    }
    if (tuple.block !== this.block) {
      if (tuple.remotePort === 0 && tuple.transport === SocketTransport.udp) {
        this.onUnnamedSender?.(events.u32[(at + RawEvent.pid) >> 2]!);
      }
      tuple.block = this.block;
      tuple.row = this.sockets.push(tuple) - 1;
    }
    return tuple.row;
  }

  private stringOf(text: string): number {
    const known = this.strings.get(text);
    if (known !== undefined) return known;
    this.strings.set(text, this.strings.size);
    return this.strings.size - 1;
  }
}
