import { existsSync } from 'node:fs';
import { EventFlag } from '@causeway/core';
import { ADDON_PATH, loadAddon, type SecretHints } from '../../src/native/native-addon';
import { BlockSpace } from '../../src/record/block-space';
import { COMM_BYTES, RAW_EVENT_BYTES, RawEvent } from '../../src/record/raw-event';

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

const NO_HINTS: SecretHints = { secretNames: [], secretFirstBytes: [] };

/** Without the addon no blocks can be made: a test's title says so. */
export const NEEDS_ADDON = existsSync(ADDON_PATH) ? '' : ' (needs the recorder to be built)';

/** Records as they lie in the ring, without what the kernel puts before each. */
export function rawRecords(records: readonly RecordFields[]): Uint8Array {
  return Buffer.concat(records.flatMap((record) => [rawHead(record), record.payload ?? new Uint8Array(0)]));
}

/** What the addon puts records into, as the reader of the ring would: more blocks than one if they do not fit into it. */
export function spacesOf(records: Uint8Array, hints = NO_HINTS): BlockSpace[] {
  const addon = loadAddon();
  const spaces: BlockSpace[] = [];
  for (let at = 0; at < records.length; ) {
    const space = new BlockSpace(addon.blockLayout);
    at += addon.fillBlock(space.memory, records.subarray(at), hints);
    spaces.push(space);
  }
  return spaces;
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
