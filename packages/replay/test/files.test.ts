import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaptureEvent, HostId } from '@causeway/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  blobSource,
  bytesSource,
  type CaptureItem,
  type ChunkSource,
  readCapture,
  readEvent,
  streamSource,
} from '../src/index';
import { fileSource, followFile, listEventFrames, readEvents } from '../src/node';
import { joinBytes, sampleCapture } from '../src/testing/index';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-files-'));
  path = join(folder, 'a.causeway.msgpack');
});
afterEach(() => rm(folder, { recursive: true }));

const sample = sampleCapture();

async function kinds(source: ChunkSource): Promise<string[]> {
  const found: string[] = [];
  for await (const item of readCapture(source)) found.push(item.kind);
  return found;
}

describe('sources', () => {
  it('give the same capture from memory, a blob, a stream and a file', async () => {
    await writeFile(path, sample);
    const expected = await kinds(bytesSource(sample));
    expect(expected).toContain('index');
    expect(await kinds(blobSource(new Blob([sample])))).toEqual(expected);
    expect(await kinds(streamSource(new Response(sample).body!))).toEqual(expected);
    expect(await kinds(fileSource(path))).toEqual(expected);
  });

  it('let a stream go when the reader has enough', async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(10)),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const _ of streamSource(endless)) break;
    expect(cancelled).toBe(true);
  });
});

describe('a file of several chunks', () => {
  const bytes = Uint8Array.from({ length: 2_500_000 }, (_, i) => (i * 7) ^ (i >> 11));

  it('comes whole and in order', async () => {
    await writeFile(path, bytes);
    const chunks: Uint8Array[] = [];
    for await (const chunk of fileSource(path)) chunks.push(chunk);
    expect(chunks.length).toBeGreaterThan(2);
    expect(Buffer.compare(joinBytes(chunks), bytes)).toBe(0);
  });

  it('is let go by a consumer that stops early', async () => {
    await writeFile(path, bytes);
    let taken = 0;
    for await (const chunk of fileSource(path)) {
      taken = chunk.length;
      break;
    }
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(bytes.length);
  });
});

describe('following a growing file', () => {
  it('yields what is appended, and ends when the file is complete', async () => {
    await writeFile(path, sample.subarray(0, 700));
    let complete = false;
    const items: CaptureItem[] = [];
    for await (const item of readCapture(followFile(path, { isComplete: () => complete, pollMs: 1 }))) {
      items.push(item);
      // Appended while it is being read, in two steps.
      if (item.kind === 'snapshot') await appendFile(path, sample.subarray(700, 1600));
      if (item.kind === 'clock') {
        await appendFile(path, sample.subarray(1600));
        complete = true;
      }
    }
    expect(items.map((item) => item.kind)).toEqual(await kinds(bytesSource(sample)));
  });

  it('stops when told to, without an error', async () => {
    await writeFile(path, sample.subarray(0, 700));
    const stop = new AbortController();
    const chunks: Uint8Array[] = [];
    for await (const chunk of followFile(path, { isComplete: () => false, pollMs: 60_000, signal: stop.signal })) {
      chunks.push(chunk);
      setImmediate(() => stop.abort());
    }
    expect(joinBytes(chunks)).toHaveLength(700);
  });
});

describe('reading single events', () => {
  const other = sampleCapture({ hostId: 'other' as HostId, realtime: 1_767_323_046_000_000_000n }, { compress: true });
  const payloads = (events: CaptureEvent[]) =>
    events.map((event) => Buffer.from(event.payload).toString().slice(0, 12));

  async function allEvents(): Promise<CaptureEvent[]> {
    const events: CaptureEvent[] = [];
    for await (const item of readCapture(fileSource(path))) {
      if (item.kind === 'events') for (let i = 0; i < item.block.count; i++) events.push(readEvent(item.block, i));
    }
    return events;
  }

  it('finds them by ordinal, in the order asked, at the right time', async () => {
    await writeFile(path, sample);
    const events = await readEvents(path, [5, 0, 7]);
    expect(payloads(events)).toEqual(['*2\r\n$3\r\nGET\r', 'GET /users/0', 'HTTP/1.1 200']);
    expect(events.map((event) => event.ordinal)).toEqual([5, 0, 7]);
    // 03:04:05.0001 of the day, and the microsecond that the call took.
    expect(events[1]!.exit).toBe(11_045_000_101_000);
  });

  it('leaves out ordinals that are not there', async () => {
    await writeFile(path, sample);
    expect(await readEvents(path, [100, 3, -1])).toHaveLength(1);
  });

  it.each([
    ['of two hosts', () => joinBytes([sample, other])],
    ['without an index', () => joinBytes([sample.subarray(0, -188), other.subarray(0, -188)])],
    ['that was cut within a frame', () => sample.subarray(0, 1500)],
    ['that ends in rubbish', () => joinBytes([sample, new Uint8Array(40)])],
  ])('agrees with a replay of a capture %s, by heads and by scan', async (_, bytes) => {
    await writeFile(path, bytes());
    const expected = await allEvents();
    for (const scan of [false, true]) {
      const frames = await listEventFrames(path, { scan });
      const ordinals = expected.map((event) => event.ordinal);
      const events = await readEvents(path, ordinals, frames);
      expect(payloads(events)).toEqual(payloads(expected));
      expect(events.map((event) => event.ordinal)).toEqual(ordinals);
    }
  });

  it('numbers as the replay does in a damaged capture, when told to scan', async () => {
    const bytes = sample.slice();
    bytes[700] = bytes[700]! ^ 1;
    await writeFile(path, bytes);
    const frames = await listEventFrames(path, { scan: true });
    expect(payloads(await readEvents(path, [0], frames))).toEqual(['GET /users/1']);
  });

  it('does not read blocks that an index counts', async () => {
    // Both blocks destroyed: only someone who reads them would know.
    const bytes = sample.slice();
    bytes.fill(0, 600, 1400);
    bytes.fill(0, 1600, 2300);
    await writeFile(path, bytes);
    const { frames } = await listEventFrames(path);
    expect(frames.map(({ firstOrdinal, count }) => [firstOrdinal, count])).toEqual([
      [0, 4],
      [4, 4],
    ]);
    expect(await readEvents(path, [0], { frames, clocks: (await listEventFrames(path)).clocks })).toEqual([]);
  });
});
