import { Packr, RESET_BUFFER_MODE } from 'msgpackr/pack';
import type { RawEventBlock } from './payloads';

/** Plain msgpack: no records, no extensions, no state from one payload to the next. `undefined` members are left out. */
const OPTIONS = { useRecords: false, skipValues: [undefined] };
const packr = new Packr(OPTIONS);

/** Encodes a frame's payload. bigint becomes a 64-bit integer, Uint8Array becomes bin. */
export function encodePayload(payload: object): Uint8Array {
  return packr.pack(payload);
}

const NO_BYTES = new Uint8Array(0);
/** How `NO_BYTES` is written. */
const EMPTY_BIN_BYTES = 2;
/** bin32, with a length of four bytes. */
const BIN32 = 0xc6;
const BIN32_HEAD_BYTES = 5;

/**
 * The same for an event block, in memory that `provide` gives (that many bytes or more), so that many blocks can be encoded in the
 * same place. When that is the memory that ends with the block's payload, the payload is not copied.
 */
export function encodeEventBlock(block: RawEventBlock, provide: (bytes: number) => Uint8Array): Uint8Array {
  const { payload, ...rest } = block;
  // In memory that msgpackr writes over the next time: else it takes new one for every few blocks.
  const head: Uint8Array = packr.pack({ ...rest, payload: NO_BYTES }, RESET_BUFFER_MODE);
  const at = head.length - EMPTY_BIN_BYTES;
  const payloadAt = at + BIN32_HEAD_BYTES;
  const whole = provide(payloadAt + payload.length).subarray(0, payloadAt + payload.length);
  whole.set(head);
  whole[at] = BIN32;
  new DataView(whole.buffer, whole.byteOffset).setUint32(at + 1, payload.length);
  const isInPlace = whole.buffer === payload.buffer && whole.byteOffset + payloadAt === payload.byteOffset;
  if (!isInPlace) whole.set(payload, payloadAt);
  return whole;
}
