import { EventKind, type HostId } from '@causeway/core';
import { CaptureReader, CaptureWriter, type RawEventBlock, readEvent } from '@causeway/replay';
import { nodeCodec } from '@causeway/replay/node';
import { eventBlockFromRows } from '@causeway/replay/testing';
import { describe, expect, it } from 'vitest';
import { FrameQueue, type HeldBlock } from './frame-queue';

const always = () => true;
const nothing = () => {};

const THREAD = { pid: 1, tid: 1, comm: 'program' };

/** A block of one event that carries the text. */
function blockOf(text: string): RawEventBlock {
  return eventBlockFromRows([{ kind: EventKind.data, enter: 1n, thread: THREAD, payload: text }]);
}

/** The same, as it lies in memory that is used again: written over by the time it is let go. */
function heldBlock(text: string, onLetGo: () => void): HeldBlock {
  const block = blockOf(text);
  const memory = new Uint8Array(2048);
  const payload = memory.subarray(memory.length - block.payload.length);
  payload.set(block.payload);
  return {
    block: { ...block, payload },
    roomFor: (bytes) => memory.subarray(memory.length - bytes),
    letGo: () => {
      memory.fill(255);
      onLetGo();
    },
  };
}

/** A queue whose compressions end when the test says so. */
function slowQueue(write: (bytes: Uint8Array) => void = nothing) {
  const parts: Uint8Array[] = [];
  const release: (() => void)[] = [];
  const failures: unknown[] = [];
  const writer = new CaptureWriter(
    (bytes) => {
      write(bytes);
      parts.push(bytes);
    },
    { codec: nodeCodec },
  );
  writer.writeHeader({
    ...{ producer: 'test', producerVersion: '0', captureId: 'c', hostId: 'h' as HostId, hostName: 'h', bootId: 'b' },
    ...{ kernel: 'k', architecture: 'a', monotonic: 0n, realtime: 0n, filters: {}, payloadLimit: 1, redactions: [] },
  });
  const compress = () => new Promise<undefined>((resolve) => release.push(() => resolve(undefined)));
  const queue = new FrameQueue(writer, compress, (error) => failures.push(error));
  const texts = () => {
    const reader = new CaptureReader(nodeCodec);
    return [...reader.push(Buffer.concat(parts)), ...reader.end()].flatMap((item) =>
      item.kind === 'events' ? [Buffer.from(readEvent(item.block, 0).payload).toString()] : [],
    );
  };
  return { queue, release, failures, texts };
}

describe('event blocks on their way to the file', () => {
  it('keep their memory until they are written, and lie in it as they are', async () => {
    const { queue, release, texts } = slowQueue();
    const free: string[] = [];
    for (const text of ['one', 'two', 'three']) {
      queue.writeHeld(
        heldBlock(text, () => free.push(text)),
        always,
        nothing,
      );
    }
    const [first, ...others] = release.splice(0);
    for (const each of others) each();
    await settled();
    expect(free).toEqual([]);
    first!();
    await queue.idle();
    await settled();
    expect(free).toEqual(['one', 'two', 'three']);
    expect(texts()).toEqual(['one', 'two', 'three']);
  });

  it('keep their order and bytes, though the last is compressed first and memory is used again', async () => {
    const { queue, release, texts } = slowQueue();
    for (const round of ['a', 'b', 'c']) {
      queue.writeEvents(blockOf(`${round}1`), always, nothing);
      queue.writeEvents(blockOf(`${round}2`), always, nothing);
      for (const each of release.splice(0).reverse()) each();
      await queue.idle();
    }
    expect(texts()).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2']);
  });

  it('are written without their payload, or not at all, as far as there is room', async () => {
    const { queue, release, texts } = slowQueue();
    const shed: string[] = [];
    const free: string[] = [];
    const admissions = [() => true, (_: number, withPayload: boolean) => !withPayload, () => false];
    for (const [i, admit] of admissions.entries()) {
      queue.writeHeld(
        heldBlock(`${i}`, () => free.push(`${i}`)),
        admit,
        (what) => shed.push(`${i} ${what}`),
      );
    }
    while (free.length < admissions.length) {
      for (const each of release.splice(0)) each();
      await settled();
    }
    expect(shed).toEqual(['1 payload', '2 events']);
    expect(texts()).toEqual(['0', '']);
  });

  it('give their memory back after a failed write, too, so that the recording can come to its end', async () => {
    let full = false;
    const { queue, release, failures } = slowQueue(() => {
      if (full) throw new Error('the disk is full');
    });
    full = true;
    let free = 0;
    for (let i = 0; i < 5; i++) {
      queue.writeHeld(
        heldBlock('x', () => {
          free += 1;
        }),
        always,
        nothing,
      );
    }
    for (const each of release.splice(0)) each();
    await queue.idle();
    await settled();
    expect(failures.length).toBe(1);
    expect(free).toBe(5);
  });
});

/** What was promised by now has been done. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
