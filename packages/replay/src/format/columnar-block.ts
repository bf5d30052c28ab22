import { type EventBlock, EventKind, type HostId, NONE, type SocketInfo, type ThreadInfo } from '@causeway/core';
import { checkTables, decodeSockets, decodeThreads } from './block-tables';
import { MAX_BLOCK_EVENTS } from './capture-format';
import { checkColumns, columnView } from './column-view';
import { EVENT_COLUMNS } from './event-columns';
import { KnownSockets } from './known-sockets';
import { BadPayload } from './payload-decoding';
import type { RawEventBlock } from './payloads';

/** Beyond this doubles do not hold whole numbers exactly; as nanoseconds it is 104 days. */
const MAX_NUMBER = 2 ** 53;

/**
 * An event block as it lies in a capture. Everything that a consumer could follow out of bounds is checked when the
 * block is made: the constructor throws BadPayload, and a block that exists is safe. Tables, and columns that
 * need no check, are decoded when first touched.
 */
export class ColumnarBlock implements EventBlock {
  readonly count: number;
  readonly strings: readonly string[];
  readonly enter: Float64Array;
  readonly exit: Float64Array;
  readonly thread: Uint32Array;
  readonly socket: Uint32Array;
  readonly kind: Uint8Array;
  readonly result: Float64Array;
  /** Set by the replay, which knows the host's clock and the time origin. */
  timeShift = 0;

  private readonly payloadLength: Uint32Array;
  /** Rows of the tables. */
  private readonly tables: { readonly sockets: number; readonly threads: number };
  private lazySockets: readonly SocketInfo[] | undefined;
  private lazyThreads: readonly ThreadInfo[] | undefined;
  private payloadOffsets: Uint32Array | undefined;
  private lazyAbi: Uint8Array | undefined;
  private lazyDirection: Uint8Array | undefined;
  private lazyFlags: Uint16Array | undefined;
  private lazyFd: Int32Array | undefined;
  private lazyTcpSeqEnter: Uint32Array | undefined;
  private lazyTcpSeqExit: Uint32Array | undefined;
  private lazyRtt: Uint32Array | undefined;
  private lazyLoopTurn: Uint8Array | undefined;
  private lazyDetail: Uint32Array | undefined;

  constructor(
    readonly raw: RawEventBlock,
    readonly hostId: HostId,
    readonly firstOrdinal: number,
    private readonly knownSockets = new KnownSockets(),
  ) {
    const { columns, count } = raw;
    if (count < 0 || count > MAX_BLOCK_EVENTS) throw new BadPayload(`an event block of ${count} rows`);
    checkColumns(columns, EVENT_COLUMNS, count);
    this.count = count;
    this.strings = raw.strings;
    this.tables = checkTables(raw);
    this.kind = columnView(Uint8Array, columns.kind, count);
    this.enter = columnView(Float64Array, columns.enter, count);
    this.exit = columnView(Float64Array, columns.exit, count);
    this.thread = columnView(Uint32Array, columns.thread, count);
    this.socket = columns.socket ? columnView(Uint32Array, columns.socket, count) : new Uint32Array(count).fill(NONE);
    this.payloadLength = columnView(Uint32Array, columns.payloadLength, count);
    this.result = columnView(Float64Array, columns.result, count);
    checkNumbers(this.enter, 'enter');
    checkNumbers(this.exit, 'exit');
    checkNumbers(this.result, 'result');
    checkIndices(this.thread, this.tables.threads, false, 'thread');
    checkIndices(this.socket, this.tables.sockets, true, 'socket');
    this.checkStrings();
    this.checkPayloadLengths();
  }

  get sockets(): readonly SocketInfo[] {
    this.lazySockets ??= decodeSockets(this.raw, this.tables.sockets, this.knownSockets);
    return this.lazySockets;
  }
  get threads(): readonly ThreadInfo[] {
    this.lazyThreads ??= decodeThreads(this.raw, this.tables.threads);
    return this.lazyThreads;
  }
  get abi(): Uint8Array {
    this.lazyAbi ??= columnView(Uint8Array, this.raw.columns.abi, this.count);
    return this.lazyAbi;
  }
  get direction(): Uint8Array {
    this.lazyDirection ??= columnView(Uint8Array, this.raw.columns.direction, this.count);
    return this.lazyDirection;
  }
  get flags(): Uint16Array {
    this.lazyFlags ??= columnView(Uint16Array, this.raw.columns.flags, this.count);
    return this.lazyFlags;
  }
  get fd(): Int32Array {
    this.lazyFd ??= columnView(Int32Array, this.raw.columns.fd, this.count);
    return this.lazyFd;
  }
  get tcpSeqEnter(): Uint32Array {
    this.lazyTcpSeqEnter ??= columnView(Uint32Array, this.raw.columns.tcpSeqEnter, this.count);
    return this.lazyTcpSeqEnter;
  }
  get tcpSeqExit(): Uint32Array {
    this.lazyTcpSeqExit ??= columnView(Uint32Array, this.raw.columns.tcpSeqExit, this.count);
    return this.lazyTcpSeqExit;
  }
  get rtt(): Uint32Array {
    this.lazyRtt ??= columnView(Uint32Array, this.raw.columns.rtt, this.count);
    return this.lazyRtt;
  }
  get loopTurn(): Uint8Array {
    this.lazyLoopTurn ??= columnView(Uint8Array, this.raw.columns.loopTurn, this.count);
    return this.lazyLoopTurn;
  }
  get detail(): Uint32Array {
    this.lazyDetail ??= columnView(Uint32Array, this.raw.columns.detail, this.count);
    return this.lazyDetail;
  }

  payload(i: number): Uint8Array {
    this.payloadOffsets ??= this.sumPayloadLengths();
    const at = this.payloadOffsets[i]!;
    // A block may claim more bytes than the call moved; what it did not move is not its payload.
    const length = Math.max(0, Math.min(this.payloadLength[i]!, this.result[i]!));
    return this.raw.payload.subarray(at, at + length);
  }

  private sumPayloadLengths(): Uint32Array {
    const offsets = new Uint32Array(this.count);
    for (let i = 1; i < this.count; i++) offsets[i] = offsets[i - 1]! + this.payloadLength[i - 1]!;
    return offsets;
  }

  private checkPayloadLengths(): void {
    let total = 0;
    for (let i = 0; i < this.count; i++) total += this.payloadLength[i]!;
    if (total > this.raw.payload.length) throw new BadPayload('rows claim more payload than the block holds');
  }

  /** An exec's `detail` is an index into `strings`. */
  private checkStrings(): void {
    for (let i = 0; i < this.count; i++) {
      if (this.kind[i] !== EventKind.exec) continue;
      const name = this.detail[i]!;
      if (name !== NONE && name >= this.strings.length) throw new BadPayload(`row ${i} refers to string ${name}`);
    }
  }
}

function checkNumbers(column: Float64Array, name: string): void {
  for (let i = 0; i < column.length; i++) {
    // Written so that NaN fails.
    if (!(Math.abs(column[i]!) <= MAX_NUMBER)) throw new BadPayload(`${name} of row ${i} is no such number`);
  }
}

function checkIndices(column: Uint32Array, length: number, optional: boolean, name: string): void {
  for (let i = 0; i < column.length; i++) {
    const index = column[i]!;
    if (index >= length && !(optional && index === NONE)) {
      throw new BadPayload(`row ${i} refers to ${name} ${index} of ${length}`);
    }
  }
}
