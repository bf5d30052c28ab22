import { EventFlag } from '@causeway/core';
import { COMM_BYTES, RAW_EVENT_BYTES, RawEvent, RawEvents, type RecordBatch } from '../../src/record/raw-event';

/** A kernel record to be made; what is left out is zero, fd −1. */
export interface RecordFields {
  readonly kind: number;
  readonly enter: bigint;
  readonly exit?: bigint;
  readonly result?: bigint;
  readonly pid?: number;
  readonly tid?: number;
  readonly comm?: string;
  readonly socket?: bigint;
  readonly inode?: number;
  readonly family?: number;
  readonly transport?: number;
  readonly localPort?: number;
  readonly remotePort?: number;
  readonly localAddress?: readonly number[];
  readonly remoteAddress?: readonly number[];
  readonly detail?: number;
  readonly direction?: number;
  readonly flags?: number;
  /** Of the first byte; the call moves `result` bytes on from there. */
  readonly tcpSeq?: number;
  readonly payload?: Uint8Array;
}

/** Records as the reader of the ring delivers them. */
export function rawRecords(records: readonly RecordFields[]): RecordBatch {
  const heads = new Uint8Array(records.length * RAW_EVENT_BYTES);
  records.forEach((record, i) => {
    heads.set(rawHead(record), i * RAW_EVENT_BYTES);
  });
  const payload = Buffer.concat(records.map((record) => record.payload ?? new Uint8Array(0)));
  return { heads: new RawEvents(heads.buffer), count: records.length, payload };
}

function rawHead(fields: RecordFields): Uint8Array {
  const bytes = new Uint8Array(RAW_EVENT_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(RawEvent.payloadLength, fields.payload?.length ?? 0, true);
  view.setBigUint64(RawEvent.enter, fields.enter, true);
  view.setBigUint64(RawEvent.exit, fields.exit ?? fields.enter, true);
  view.setBigUint64(RawEvent.socket, fields.socket ?? 0n, true);
  view.setBigInt64(RawEvent.result, fields.result ?? 0n, true);
  view.setUint32(RawEvent.pid, fields.pid ?? 1, true);
  view.setUint32(RawEvent.tid, fields.tid ?? fields.pid ?? 1, true);
  view.setUint32(RawEvent.inode, fields.inode ?? 0, true);
  view.setInt32(RawEvent.fd, -1, true);
  view.setUint32(RawEvent.detail, fields.detail ?? 0, true);
  view.setUint16(RawEvent.flags, (fields.flags ?? 0) | (fields.tcpSeq === undefined ? 0 : EventFlag.tcpSeq), true);
  view.setUint32(RawEvent.tcpSeqEnter, fields.tcpSeq ?? 0, true);
  view.setUint32(RawEvent.tcpSeqExit, (fields.tcpSeq ?? 0) + Number(fields.result ?? 0n), true);
  view.setUint16(RawEvent.localPort, fields.localPort ?? 0, true);
  view.setUint16(RawEvent.remotePort, fields.remotePort ?? 0, true);
  view.setUint8(RawEvent.kind, fields.kind);
  view.setUint8(RawEvent.direction, fields.direction ?? 0);
  view.setUint8(RawEvent.family, fields.family ?? 0);
  view.setUint8(RawEvent.transport, fields.transport ?? 0);
  bytes.set(fields.localAddress ?? [], RawEvent.localAddress);
  bytes.set(fields.remoteAddress ?? [], RawEvent.remoteAddress);
  bytes.set(Buffer.from(fields.comm ?? 'program').subarray(0, COMM_BYTES - 1), RawEvent.comm);
  return bytes;
}
