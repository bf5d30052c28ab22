import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodePayload } from './payload-decoding';
import { encodeEventBlock, encodePayload } from './payload-encoding';

it('encodes an event block in memory that is used again, to the same values', () => {
  const memory = new Uint8Array(4096).fill(255);
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(bytes, bytes, fc.array(fc.string()), (payload, kind, strings) => {
      const times = { base: 1n, firstTime: 2n, lastTime: 1n << 63n };
      const block = { count: kind.length, ...times, columns: { kind }, sockets: {}, threads: {}, strings, payload };
      const encoded = encodeEventBlock(block, (length) => (length <= memory.length ? memory : new Uint8Array(length)));
      expect(decodePayload(encoded)).toEqual(decodePayload(Uint8Array.from(encodePayload(block))));
    }),
  );
});

it('encodes an event block around its payload, without a copy, when there is room', () => {
  const memory = new Uint8Array(4096);
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(bytes, bytes, (content, kind) => {
      const payload = memory.subarray(2000, 2000 + content.length);
      payload.set(content);
      const times = { base: 1n, firstTime: 2n, lastTime: 1n << 63n };
      const block = { count: kind.length, ...times, columns: { kind }, sockets: {}, threads: {}, strings: [], payload };
      const wanted = decodePayload(Uint8Array.from(encodePayload(block)));
      const encoded = encodeEventBlock(block, (length) => memory.subarray(2000 + content.length - length));
      expect(decodePayload(encoded)).toEqual(wanted);
      expect(encoded.byteOffset + encoded.length).toBe(2000 + content.length);
    }),
  );
});
