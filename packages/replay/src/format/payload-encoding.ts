import { Packr } from 'msgpackr/pack';

/** Plain msgpack: no records, no extensions, no state from one payload to the next. `undefined` members are left out. */
const OPTIONS = { useRecords: false, skipValues: [undefined] };
const packr = new Packr(OPTIONS);

/** Encodes a frame's payload. bigint becomes a 64-bit integer, Uint8Array becomes bin. */
export function encodePayload(payload: object): Uint8Array {
  return packr.pack(payload);
}
