import { EventFlag, EventKind, NONE, startSequence } from '@causeway/core';
import { EVENT_COLUMNS, type EventColumn, type RawEventBlock, StoredRole } from '@causeway/replay';
import { missingBefore, type StreamPlace } from '../redact/stream-place';
import { type BlockSpace, type ColumnArray, Finding } from './block-space';
import { socketTable, threadTable } from './block-tables';
import { ConversationFilter, type Verdicts } from './conversation-filter';
import { KEEP_PAYLOAD, type PayloadPolicy } from './payload-policy';
import { RAW_EVENT_BYTES } from './raw-event';
import type { SocketRegistry, SocketTuple } from './socket-registry';

const REPEATED_OR_UNNUMBERED = EventFlag.tcpSeq | EventFlag.peek;
const COLUMNS = Object.keys(EVENT_COLUMNS) as EventColumn[];

/**
 * Makes event blocks of what the addon has put into columns: finds out which sockets the rows are of, and leaves out and masks
 * what the policy says, in place.
 */
export class BlockBuilder {
  /** Calls whose payload was longer than what was kept, since the builder was made. */
  truncatedPayloads = 0;
  /** Events left out, since the builder was made. */
  filtered = 0;
  /** Events taken, since the builder was made. */
  events = 0;

  private readonly filter: ConversationFilter | undefined;

  constructor(
    private readonly registry: SocketRegistry,
    private readonly policy: PayloadPolicy = KEEP_PAYLOAD,
    verdicts?: Verdicts,
  ) {
    if (policy.asksProtocol) this.filter = new ConversationFilter(policy, verdicts);
  }

  /** The block, whose columns and payload lie in the space; `undefined`: nothing is left of it. */
  build(space: BlockSpace): RawEventBlock | undefined {
    const strings = new Map<string, number>();
    const stringOf = (text: string) => {
      const number = strings.get(text) ?? strings.size;
      strings.set(text, number);
      return number;
    };
    const tuples = Array.from({ length: space.socketCount }, (_, row) =>
      this.registry.tupleOf(space.sockets, row * RAW_EVENT_BYTES),
    );
    const { count, payloadBytes } = this.review(space, tuples, stringOf);
    this.events += count;
    this.filtered += space.rows - count;
    if (count === 0) return undefined;
    // Two rows may be of one socket: one of them when it was over and had lost its ports.
    const firstRows = new Map<SocketTuple, number>();
    for (const [row, tuple] of tuples.entries()) if (!firstRows.has(tuple)) firstRows.set(tuple, row);
    const sockets = tuples.map((tuple) => firstRows.get(tuple)!);
    const threads = Array.from({ length: space.threadCount }, (_, row) => row);
    const isWhole = count === space.rows;
    const usedSockets =
      isWhole && firstRows.size === tuples.length ? sockets : renumber(space.columns.socket, count, sockets);
    const usedThreads = isWhole ? threads : renumber(space.columns.thread, count, threads);
    const [firstExit, lastExit] = rangeOf(space.columns.exit, count);
    return {
      count,
      base: space.base,
      firstTime: space.base + BigInt(firstExit),
      lastTime: space.base + BigInt(lastExit),
      columns: bytesOf(space, count),
      threads: threadTable(space.threads, usedThreads, stringOf),
      sockets: socketTable(
        usedSockets.map((row) => tuples[row]!),
        stringOf,
      ),
      strings: [...strings.keys()],
      payload: space.payload.subarray(0, payloadBytes),
    };
  }

  /** Row by row, in order. What is left moves up. */
  private review(space: BlockSpace, tuples: readonly SocketTuple[], stringOf: (text: string) => number) {
    const { columns, payload, rows } = space;
    const { kind, result, socket, payloadLength } = columns;
    const leftOut: number[] = [];
    let payloadBytes = 0;
    for (let row = 0, start = 0; row < rows; row++) {
      const length = payloadLength[row]!;
      const tuple = socket[row] === NONE ? undefined : tuples[socket[row]!];
      if (this.leavesOut(space, row, tuple, start)) {
        leftOut.push(row);
      } else if (kind[row] !== EventKind.data) {
        this.reviewChange(space, row, tuple, stringOf);
      } else if (result[row]! > 0) {
        const kept = tuple === undefined ? 0 : this.keepPayload(space, row, tuple, start);
        if (start !== payloadBytes) payload.copyWithin(payloadBytes, start, start + kept);
        payloadBytes += kept;
        payloadLength[row] = kept;
        if (result[row]! > kept) this.truncatedPayloads += 1;
      }
      start += length;
    }
    if (leftOut.length > 0) for (const name of COLUMNS) closeUp(columns[name], leftOut, rows);
    return { count: rows - leftOut.length, payloadBytes };
  }

  private leavesOut(space: BlockSpace, row: number, tuple: SocketTuple | undefined, start: number): boolean {
    if (this.filter === undefined || tuple === undefined) return false;
    const flags = this.filter.flagsOf(space, row, tuple, start);
    if (flags === undefined) return true;
    space.columns.flags[row]! |= flags;
    return false;
  }

  /** Of a row that is no data. */
  private reviewChange(
    space: BlockSpace,
    row: number,
    tuple: SocketTuple | undefined,
    stringOf: (text: string) => number,
  ): void {
    const { kind, detail } = space.columns;
    if (kind[row] === EventKind.exec) {
      detail[row] = stringOf(space.textAt(detail[row]!));
    } else if (kind[row] === EventKind.connect || kind[row] === EventKind.accept) {
      const path = space.textAt(detail[row]!);
      detail[row] = 0;
      if (tuple === undefined) return;
      tuple.identity.role = kind[row] === EventKind.connect ? StoredRole.client : StoredRole.server;
      tuple.identity.preexisting = false;
      if (path !== '') tuple.identity.path = path;
    } else if (kind[row] === EventKind.close && tuple !== undefined) {
      tuple.identity.closed = true;
    }
  }

  /** Returns how many bytes are kept of the row's payload, which begins at `start`. */
  private keepPayload(
    { columns, findings, payload }: BlockSpace,
    row: number,
    tuple: SocketTuple,
    start: number,
  ): number {
    const { redactor } = this.policy;
    const flags = columns.flags[row]!;
    // What TLS carries is another stream than what it makes of it.
    const open = (flags & EventFlag.tls) === 0 ? tuple.identity : tuple.identity.plaintext;
    // Bytes that come twice would be taken for the next frames.
    if (open.http2 !== undefined && (flags & EventFlag.peek) !== 0) return 0;
    const direction = columns.direction[row]!;
    const kept = this.policy.kept(columns.payloadLength[row]!, tuple, direction, open);
    if (redactor === undefined) return kept;
    const missing = (flags & REPEATED_OR_UNNUMBERED) === EventFlag.tcpSeq ? missingAt(open, columns, row) : 0;
    const found = findings[row]!;
    if (found === 0 && missing === 0 && !redactor.looksAtAll(open, direction)) return kept;
    const unseen = Math.max(0, columns.result[row]! - kept);
    const searched = (found & Finding.name) === 0;
    redactor.apply(payload, start, start + kept, open, direction, unseen, searched, missing);
    return kept;
  }
}

/** Bytes missing before those of the row. */
function missingAt(place: StreamPlace, columns: BlockSpace['columns'], row: number): number {
  const { tcpSeqEnter, tcpSeqExit, result, abi, detail, direction } = columns;
  const moved = result[row]!;
  const start = startSequence(tcpSeqEnter[row]!, tcpSeqExit[row]!, moved, abi[row]!, detail[row]!);
  return missingBefore(place, direction[row]!, start, moved);
}

/** Takes these rows out. */
function closeUp(column: ColumnArray, leftOut: readonly number[], rows: number): void {
  let to = leftOut[0]!;
  for (const [i, row] of leftOut.entries()) {
    const next = leftOut[i + 1] ?? rows;
    column.copyWithin(to, row + 1, next);
    to += next - row - 1;
  }
}

/** Lets the column refer to those rows of a table only that it uses, and returns these. `same`: which row stands for each. */
function renumber(column: Uint32Array, count: number, same: readonly number[]): number[] {
  const numbers = new Map<number, number>();
  for (let row = 0; row < count; row++) {
    const used = same[column[row]!];
    if (used === undefined) continue;
    const number = numbers.get(used) ?? numbers.size;
    numbers.set(used, number);
    column[row] = number;
  }
  return [...numbers.keys()];
}

function rangeOf(times: Float64Array, count: number): [first: number, last: number] {
  let [first, last] = [Infinity, -Infinity];
  for (let row = 0; row < count; row++) {
    if (times[row]! < first) first = times[row]!;
    if (times[row]! > last) last = times[row]!;
  }
  return [first, last];
}

function bytesOf({ columns }: BlockSpace, count: number): Record<EventColumn, Uint8Array> {
  const bytes = COLUMNS.map((name) => {
    const { buffer, byteOffset, BYTES_PER_ELEMENT } = columns[name];
    return [name, new Uint8Array(buffer, byteOffset, count * BYTES_PER_ELEMENT)];
  });
  return Object.fromEntries(bytes) as Record<EventColumn, Uint8Array>;
}
