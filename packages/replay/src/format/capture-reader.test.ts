import { gzipSync } from 'node:zlib';
import type { HostId } from '@causeway/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureOf, eventBlockFromRows, joinBytes, requestRows, sampleCapture } from '../testing/index';
import { Encoding, FRAME_HEAD_BYTES, FrameKind, MAGIC } from './capture-format';
import { describeProblem } from './capture-problem';
import { type CaptureItem, CaptureReader, UNKNOWN_HOST } from './capture-reader';
import { encodePayload } from './payload-encoding';
import { readEvent } from './read-event';

function read(...chunks: Uint8Array[]): CaptureItem[] {
  const reader = new CaptureReader();
  return [...chunks.flatMap((chunk) => [...reader.push(chunk)]), ...reader.end()];
}

/** What an item says, in a form that can be compared. */
function summary(item: CaptureItem): unknown {
  if (item.kind !== 'events') return item;
  const { block, ...rest } = item;
  return { ...rest, events: Array.from({ length: block.count }, (_, i) => readEvent(block, i)) };
}

const sample = sampleCapture();
const whole = read(sample);
const problems = (items: CaptureItem[]) => items.flatMap((item) => (item.kind === 'damage' ? [item.problem] : []));
const kinds = (items: CaptureItem[]) => items.map((item) => item.kind);

describe('a whole capture', () => {
  it('yields its frames in order, end to end', () => {
    expect(kinds(whole)).toEqual(['header', 'snapshot', 'events', 'clock', 'events', 'loss', 'annotation', 'index']);
    expect(whole.map((item) => item.from)).toEqual([MAGIC.length, ...whole.slice(0, -1).map((item) => item.to)]);
    expect(whole.at(-1)!.to).toBe(sample.length);
  });

  it('numbers events through the capture', () => {
    const blocks = whole.flatMap((item) => (item.kind === 'events' ? [item.block.firstOrdinal] : []));
    expect(blocks).toEqual([0, 4]);
  });

  it('reads the same however it is cut into chunks, compressed or not', () => {
    for (const compress of [false, true]) {
      const bytes = joinBytes([
        sampleCapture({}, { compress }),
        sampleCapture({ hostId: 'other' as HostId }, { compress }),
      ]);
      const expected = read(bytes).map(summary);
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 20 }), (sizes) => {
          const chunks: Uint8Array[] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = sizes[i % sizes.length]!;
            chunks.push(bytes.slice(at, at + size));
            at += size;
          }
          expect(read(...chunks).map(summary)).toEqual(expected);
        }),
      );
    }
  });

  it('gives back whatever blocks were written', () => {
    const blocks = fc.array(fc.array(fc.nat({ max: 50 }), { maxLength: 10 }), { maxLength: 6 });
    fc.assert(
      fc.property(blocks, fc.boolean(), (numbers, compress) => {
        const written = numbers.map((block) => block.flatMap((n) => requestRows(n, BigInt(1000 * n))));
        const bytes = captureOf(
          (writer) => {
            for (const rows of written) writer.writeEvents(eventBlockFromRows(rows));
          },
          {},
          { compress },
        );
        const items = read(bytes).filter((item) => item.kind === 'events');
        expect(
          items.map(({ block }) =>
            Array.from({ length: block.count }, (_, i) => Buffer.from(block.payload(i)).toString()),
          ),
        ).toEqual(written.map((rows) => rows.map((row) => row.payload)));
      }),
    );
  });
});

describe('a capture that was cut', () => {
  it('yields exactly the whole frames before each cut, and one report of it', () => {
    for (let cut = 1; cut < sample.length; cut++) {
      const items = read(sample.slice(0, cut));
      const before = whole.filter((item) => item.to <= cut);
      expect(items.slice(0, -1).map(summary)).toEqual(before.map(summary));
      const begins = cut <= MAGIC.length ? (cut < MAGIC.length ? 0 : cut) : (before.at(-1)?.to ?? MAGIC.length);
      expect(problems(items)).toEqual([{ kind: 'truncated', from: begins, to: cut }]);
    }
  });

  it('is empty when nothing is left', () => {
    expect(problems(read())).toEqual([{ kind: 'empty' }]);
  });

  it('says so when another section follows', () => {
    const index = whole.at(-1)!;
    const items = read(joinBytes([sample.subarray(0, index.from), sample]));
    expect(problems(items)).toEqual([{ kind: 'truncated', from: index.from, to: index.from }]);
    expect(items).toHaveLength(2 * whole.length);
  });
});

describe('a capture with a flipped byte', () => {
  it('loses the frame that was hit and no other, wherever it is', () => {
    for (let hit = 0; hit < sample.length; hit++) {
      const bytes = sample.slice();
      bytes[hit] = bytes[hit]! ^ 0xff;
      const items = read(bytes);
      const frames = items.filter((item) => item.kind !== 'damage');
      const missed = whole.filter((item) => hit < item.from || hit >= item.to);
      const kept = frames.filter((item) => hit < item.from || hit >= item.to);
      expect(kept.map((item) => [item.kind, item.from, item.to])).toEqual(
        missed.map((item) => [item.kind, item.from, item.to]),
      );
      expect(problems(items).length).toBe(1);
    }
  });

  it('never throws and keeps the others when it is a single bit', () => {
    for (let hit = 0; hit < sample.length; hit++) {
      const bytes = sample.slice();
      bytes[hit] = bytes[hit]! ^ (1 << (hit & 7));
      const found = new Set(read(bytes).map((item) => `${item.kind} ${item.from}`));
      const lost = whole.filter((item) => !found.has(`${item.kind} ${item.from}`));
      expect(lost.every((item) => hit >= item.from && hit < item.to)).toBe(true);
    }
  });

  it('reports the bytes that were skipped', () => {
    const events = whole[2]!;
    const bytes = sample.slice();
    bytes[events.from + 200] = bytes[events.from + 200]! ^ 1;
    const [problem] = problems(read(bytes));
    expect(problem).toEqual({ kind: 'corrupt', from: events.from, to: events.to, reason: { kind: 'frame' } });
    expect(describeProblem(problem!)).toContain(`bytes ${events.from} to ${events.to}`);
  });

  it('does not give events to the host before when a later header is lost', () => {
    const second = whole[0]!.from + sample.length + 50;
    const bytes = joinBytes([sample, sample]);
    bytes[second] = bytes[second]! ^ 1;
    const hosts = read(bytes).flatMap((item) => (item.kind === 'events' ? [item.hostId] : []));
    expect(hosts).toEqual([whole[0]!.hostId, whole[0]!.hostId, UNKNOWN_HOST, UNKNOWN_HOST]);
  });

  it('finds its way when bytes were put in or taken out', () => {
    const clock = whole[3]!;
    const inserted = joinBytes([
      sample.subarray(0, clock.from),
      new Uint8Array(77).fill(0x94),
      sample.subarray(clock.from),
    ]);
    expect(kinds(read(inserted))).toEqual([...kinds(whole.slice(0, 3)), 'damage', ...kinds(whole.slice(3))]);
    const removed = joinBytes([sample.subarray(0, clock.from + 5), sample.subarray(clock.from + 9)]);
    expect(kinds(read(removed))).toEqual([...kinds(whole.slice(0, 3)), 'damage', ...kinds(whole.slice(4))]);
  });
});

describe('several sections', () => {
  it('switch the host', () => {
    const bytes = joinBytes([sample, sampleCapture({ hostId: 'other' as HostId })]);
    const items = read(bytes);
    expect(problems(items)).toEqual([]);
    expect(items.slice(whole.length).every((item) => item.hostId === 'other')).toBe(true);
    expect(items.flatMap((item) => (item.kind === 'events' ? [item.block.firstOrdinal] : []))).toEqual([0, 4, 8, 12]);
  });

  it('of a version to come are left out, the others read', () => {
    const writer = captureOf((w) => w.writeClock({ monotonic: 1n, realtime: 1n }));
    const future = writer.slice();
    const at = Buffer.from(future).indexOf('version') + 'version'.length;
    future[at] = 2;
    new DataView(future.buffer).setUint32(MAGIC.length + 3, crcOfFirstFrame(future));
    const items = read(joinBytes([future, sample]));
    expect(problems(items)).toEqual([{ kind: 'unknown-version', version: 2 }]);
    expect(kinds(items).slice(1)).toEqual(kinds(whole));
    expect(describeProblem(problems(items)[0]!)).toContain('format version 2');
  });
});

function crcOfFirstFrame(capture: Uint8Array): number {
  const head = MAGIC.length + FRAME_HEAD_BYTES;
  const length = new DataView(capture.buffer).getUint32(head - 4);
  return crc32Of(capture.subarray(head, head + length));
}

function crc32Of(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ -1) >>> 0;
}

describe('tags', () => {
  const tags = {
    time: 7n,
    host: { 'host.name': 'north', 'k8s.node.name': 'node-1' },
    labels: { stage: 'test', ['__proto__']: 'a name like any other' },
    groups: [{ pids: [1, 4_194_303], attributes: { 'container.id': 'c0ffee' } }],
  };

  it('come back as they were written', () => {
    const items = read(captureOf((writer) => writer.writeTags(tags)));
    expect(items.find(({ kind }) => kind === 'tags')).toMatchObject({ kind: 'tags', tags });
  });

  it('lose the members of a later version, and are damage when a key is of another type', () => {
    const write = (payload: object) => captureOf((writer) => writer.writeFrame(FrameKind.tags, encodePayload(payload)));
    const later = { time: 7n, host: { name: 'n', weight: 3 }, labels: {}, groups: [{ pids: [], colour: 'red' }] };
    expect(read(write(later)).find(({ kind }) => kind === 'tags')).toMatchObject({
      tags: { time: 7n, host: { name: 'n' }, labels: {}, groups: [{ pids: [], attributes: {} }] },
    });
    for (const wrong of [{}, { time: 1n, host: [] }, { time: 1n, groups: [{ pids: ['one'] }] }]) {
      expect(kinds(read(write(wrong)))).toEqual(['header', 'damage', 'index']);
    }
  });
});

describe('what a later version may add', () => {
  it('is skipped: frame kinds', () => {
    const bytes = captureOf((writer) => {
      writer.writeFrame(42, encodePayload({ news: true }));
      writer.writeFrame(43, encodePayload({}));
    });
    const items = read(bytes);
    expect(kinds(items)).toEqual(['header', 'unknown', 'unknown', 'index']);
  });

  it('is skipped: keys of a header and columns of a block', () => {
    const block = eventBlockFromRows(requestRows(0, 1n));
    const bytes = captureOf((writer) => {
      const columns = { ...block.columns, mood: new Uint8Array(9), shape: 'round' };
      writer.writeFrame(FrameKind.events, encodePayload({ ...block, columns, extra: [1, { deep: null }] }));
    });
    expect(kinds(read(bytes))).toEqual(['header', 'events', 'index']);
  });
});

describe('hostile frames', () => {
  const frame = (kind: number, payload: Uint8Array, encoding: Encoding = Encoding.plain) =>
    captureOf((writer) => {
      writer.writeFrame(kind, payload, encoding);
      writer.writeClock({ monotonic: 1n, realtime: 1n });
    });

  it.each<[string, Uint8Array]>([
    ['an event block that is no map', frame(FrameKind.events, Uint8Array.of(1))],
    ['an event block without anything', frame(FrameKind.events, encodePayload({}))],
    [
      'a block whose columns are text',
      frame(FrameKind.events, encodePayload({ count: 'many', base: 0n, columns: 'none' })),
    ],
    ['a payload that is no gzip', frame(FrameKind.events, encodePayload({}), Encoding.gzip)],
    ['a gzip bomb', frame(FrameKind.events, gzipSync(Buffer.alloc(65 * 1024 * 1024)), Encoding.gzip)],
    [
      'a snapshot of strange sockets',
      frame(FrameKind.snapshot, encodePayload({ time: 1n, sockets: [{ transport: 'smoke' }] })),
    ],
    ['an index of no list', frame(FrameKind.index, encodePayload({ frames: 7 }))],
    ['a second header that lacks all', frame(FrameKind.header, encodePayload({ version: 1 }))],
    ['a loss of negative time', frame(FrameKind.loss, encodePayload({ from: -1, to: 1n, ringDrops: [] }))],
    ['an empty payload', frame(FrameKind.clock, new Uint8Array(0))],
  ])('%s is damage, and reading goes on behind it', (_, bytes) => {
    const items = read(bytes);
    expect(kinds(items)).toEqual(['header', 'damage', 'clock', 'index']);
    expect(problems(items)).toMatchObject([{ kind: 'corrupt', reason: { kind: 'payload' } }]);
  });

  it('a head that promises more than is there does not hide what follows', () => {
    const lie = Uint8Array.of(0x94, 2, 0xce, 1, 2, 3, 4, 0, 0xc6, 0x03, 0xff, 0xff, 0xff);
    const clock = whole[3]!;
    const items = read(joinBytes([sample.subarray(0, clock.from), lie, sample.subarray(clock.from)]));
    expect(kinds(items)).toEqual([...kinds(whole.slice(0, 3)), 'damage', ...kinds(whole.slice(3))]);
  });

  it('a head that promises more than the limit is none', () => {
    const lie = Uint8Array.of(0x94, 2, 0xce, 1, 2, 3, 4, 0, 0xc6, 0x04, 0x00, 0x00, 0x01);
    expect(problems(read(joinBytes([sample, lie, sample])))).toHaveLength(1);
  });

  it('never makes the reader throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat({ max: sample.length }), (junk, at) => {
        read(junk);
        read(joinBytes([sample.subarray(0, at), junk, sample.subarray(at)]));
      }),
    );
  });
});

describe('a file that is no capture', () => {
  const text = (words: string) => new TextEncoder().encode(words);
  it.each<[string, Uint8Array, string | undefined]>([
    ['gzip', gzipSync(sample), 'gzip'],
    ['zip', text('PK\u0003\u0004 more'), 'zip'],
    ['pcap', Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0), 'pcap'],
    ['pcapng', Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a, 0x1c, 0, 0, 0), 'pcapng'],
    ['har', text('{\n "log": {"version": "1.2"}}'), 'har'],
    ['json', text('[1, 2]'), 'json'],
    ['html', text('<!DOCTYPE html><title>Not found</title>'), 'html'],
    ['text', text('hello'), 'text'],
    ['through a text mode', text(new TextDecoder().decode(sample)), 'mangled'],
    ['unknown', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), undefined],
    ['large', new Uint8Array(300_000), undefined],
  ])('is told: %s', (_, bytes, looksLike) => {
    const expected = [{ kind: 'not-a-capture', ...(looksLike && { looksLike }) }];
    expect(problems(read(bytes))).toEqual(expected);
    const chunks = Array.from({ length: Math.min(bytes.length, 1000) }, (_none, i) => bytes.slice(i, i + 1));
    expect(problems(read(...chunks, bytes.slice(1000)))).toEqual(expected);
    expect(describeProblem(problems(read(bytes))[0]!)).toMatch(/^This is not a Causeway capture\. [A-Z].*\.$/);
  });
});
