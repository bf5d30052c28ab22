import { EVENT_COLUMNS, type EventColumn } from '@causeway/replay';
import type { BlockLayout } from '../native/native-addon';
import { RawEvents } from './raw-event';

/** Bits of the column `findings`. */
export const Finding = {
  /** A name of a secret may stand before a mark in the row's payload. */
  name: 1,
  /** The payload begins as one that may hold a secret without a name. */
  start: 2,
} as const;

const ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, i32: Int32Array, f64: Float64Array } as const;

export type ColumnArray = InstanceType<(typeof ARRAYS)[keyof typeof ARRAYS]>;
type Columns = { readonly [Name in EventColumn]: InstanceType<(typeof ARRAYS)[(typeof EVENT_COLUMNS)[Name]]> };

/**
 * Memory in which the addon puts an event block together (`native/event_block.h`), and in which it stays until it is written. It
 * is used again and again. Linux hosts are little endian, as the format is, so columns are stored as they lie in memory.
 */
export class BlockSpace {
  readonly memory: ArrayBuffer;
  readonly columns: Columns;
  /** A `Finding` for each row. */
  readonly findings: Uint8Array;
  /** The first record of each socket and thread that rows refer to. */
  readonly sockets: RawEvents;
  readonly threads: RawEvents;
  /** Bytes of all rows, one after the other. */
  readonly payload: Buffer;
  private readonly counts: Uint32Array;
  private readonly start: BigUint64Array;
  private readonly texts: DataView;

  constructor(private readonly layout: BlockLayout) {
    const { bytes, rows, tableRows, columns } = layout;
    this.memory = new ArrayBuffer(bytes);
    this.columns = Object.fromEntries(
      Object.entries(EVENT_COLUMNS).map(([name, type]) => [
        name,
        new ARRAYS[type](this.memory, columns[name as EventColumn], rows),
      ]),
    ) as unknown as Columns;
    this.findings = new Uint8Array(this.memory, columns.findings, rows);
    this.sockets = new RawEvents(this.memory, layout.socketHeads, tableRows);
    this.threads = new RawEvents(this.memory, layout.threadHeads, tableRows);
    this.payload = Buffer.from(this.memory, layout.payload);
    this.counts = new Uint32Array(this.memory, 0, 5);
    this.start = new BigUint64Array(this.memory, layout.base, 1);
    this.texts = new DataView(this.memory, layout.texts, layout.head - layout.texts);
  }

  get rows(): number {
    return this.counts[0]!;
  }

  get socketCount(): number {
    return this.counts[1]!;
  }

  get threadCount(): number {
    return this.counts[2]!;
  }

  /** Monotonic nanoseconds: `enter` of the first row. */
  get base(): bigint {
    return this.start[0]!;
  }

  /** The path that stands at the place that a row's `detail` tells. */
  textAt(place: number): string {
    const length = this.texts.getUint32(place, true);
    return Buffer.from(this.memory, this.texts.byteOffset + place + 4, length).toString('utf8');
  }

  /** Room for the block as it is encoded: its payload, which is `payloadBytes` long, stays where it is. */
  roomFor(bytes: number, payloadBytes: number): Uint8Array {
    const { head, payload } = this.layout;
    const start = payload + payloadBytes - bytes;
    return start < head ? new Uint8Array(bytes) : new Uint8Array(this.memory, start, bytes);
  }
}
