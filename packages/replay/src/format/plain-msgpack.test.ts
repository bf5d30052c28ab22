import { describe, expect, it } from 'vitest';
import { captureOf, sampleCapture } from '../testing/index';

/**
 * A msgpack reader by the letter of the specification, sharing nothing with ours: it proves that anyone can walk a
 * capture. It knows no extension types and throws on them.
 */
function readValue(bytes: DataView, at: number): [value: unknown, next: number] {
  const code = bytes.getUint8(at);
  const raw = (from: number, length: number): [Uint8Array, number] => [
    new Uint8Array(bytes.buffer, bytes.byteOffset + from, length).slice(),
    from + length,
  ];
  const text = (from: number, length: number): [string, number] => [
    Buffer.from(raw(from, length)[0]).toString('utf8'),
    from + length,
  ];
  const list = (from: number, length: number): [unknown[], number] => {
    const values: unknown[] = [];
    let next = from;
    for (let i = 0; i < length; i++) {
      const [value, after] = readValue(bytes, next);
      values.push(value);
      next = after;
    }
    return [values, next];
  };
  const map = (from: number, length: number): [unknown, number] => {
    const [flat, next] = list(from, 2 * length);
    return [Object.fromEntries(flat.flatMap((key, i) => (i % 2 === 0 ? [[key, flat[i + 1]]] : []))), next];
  };
  if (code < 0x80) return [code, at + 1];
  if (code < 0x90) return map(at + 1, code - 0x80);
  if (code < 0xa0) return list(at + 1, code - 0x90);
  if (code < 0xc0) return text(at + 1, code - 0xa0);
  if (code >= 0xe0) return [code - 256, at + 1];
  switch (code) {
    case 0xc0:
      return [null, at + 1];
    case 0xc2:
      return [false, at + 1];
    case 0xc3:
      return [true, at + 1];
    case 0xc4:
      return raw(at + 2, bytes.getUint8(at + 1));
    case 0xc5:
      return raw(at + 3, bytes.getUint16(at + 1));
    case 0xc6:
      return raw(at + 5, bytes.getUint32(at + 1));
    case 0xcb:
      return [bytes.getFloat64(at + 1), at + 9];
    case 0xcc:
      return [bytes.getUint8(at + 1), at + 2];
    case 0xcd:
      return [bytes.getUint16(at + 1), at + 3];
    case 0xce:
      return [bytes.getUint32(at + 1), at + 5];
    case 0xcf:
      return [bytes.getBigUint64(at + 1), at + 9];
    case 0xd3:
      return [bytes.getBigInt64(at + 1), at + 9];
    case 0xd9:
      return text(at + 2, bytes.getUint8(at + 1));
    case 0xda:
      return text(at + 3, bytes.getUint16(at + 1));
    case 0xdc:
      return list(at + 3, bytes.getUint16(at + 1));
    case 0xde:
      return map(at + 3, bytes.getUint16(at + 1));
    default:
      throw new Error(`unexpected msgpack byte ${code.toString(16)} at ${at}`);
  }
}

function walk(capture: Uint8Array): unknown[] {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.byteLength);
  const values: unknown[] = [];
  for (let at = 0; at < capture.length; ) {
    const [value, next] = readValue(view, at);
    values.push(value);
    at = next;
  }
  return values;
}

const decode = (payload: Uint8Array) => readValue(new DataView(payload.buffer), 0)[0];

describe('a capture to a plain msgpack reader', () => {
  it('is the magic and one array of four for each frame', () => {
    const [magic, ...frames] = walk(sampleCapture()) as [Uint8Array, ...[number, number, number, Uint8Array][]];
    expect(Buffer.from(magic).toString()).toBe('CAUSEWAY');
    expect(frames.map(([kind]) => kind)).toEqual([1, 3, 2, 5, 2, 4, 7, 9]);
    expect(frames.every((frame) => frame.length === 4 && frame[2] === 0)).toBe(true);
  });

  it('has payloads that are plain maps', () => {
    const [, ...frames] = walk(sampleCapture()) as [Uint8Array, ...[number, number, number, Uint8Array][]];
    const [header, snapshot, events, clock, , loss, annotation, index] = frames.map(([, , , payload]) =>
      decode(payload),
    );
    expect(header).toMatchObject({
      version: 1,
      hostName: 'box',
      monotonic: 1_000_000_000n,
      filters: { comms: ['web'] },
    });
    expect(snapshot).toMatchObject({
      sockets: [{ id: '0000000000000063', localAddress: '::1', role: 'unknown', fd: 5 }],
    });
    expect(events).toMatchObject({ count: 4, base: 1_000_100_000n, strings: ['web'] });
    expect((events as { columns: { exit: Uint8Array } }).columns.exit).toHaveLength(32);
    expect(clock).toEqual({ monotonic: 1_000_500_000n, realtime: 1_767_323_045_000_500_000n });
    expect(loss).toMatchObject({ ringDrops: [0, 2], truncatedPayloads: 1 });
    expect(annotation).toEqual({ id: 'a1', time: 0n, text: 'slow here' });
    expect((index as { frames: unknown[] }).frames).toHaveLength(7);
  });

  it('holds integers beyond 2^63 too', () => {
    const bytes = captureOf((writer) => writer.writeClock({ monotonic: 2n ** 64n - 1n, realtime: 0n }));
    const [, , clock] = walk(bytes) as [unknown, unknown, [number, number, number, Uint8Array]];
    expect(decode(clock[3])).toEqual({ monotonic: 2n ** 64n - 1n, realtime: 0n });
  });
});
