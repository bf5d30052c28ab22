import type { HostId } from '@causeway/core';
import { CaptureReader, CaptureWriter, type RawEventBlock, readEvent } from '@causeway/replay';
import { nodeCodec } from '@causeway/replay/node';
import { describe, expect, it } from 'vitest';
import { rawRecords } from '../../test/support/raw-record';
import { BlockBuilder } from './block-builder';
import { FrameQueue } from './frame-queue';
import { SocketRegistry } from './socket-registry';

const always = () => true;
const nothing = () => {};
const SOCKET = { family: 4, transport: 6, socket: 1n, inode: 1, localPort: 80, remotePort: 81 };

/** A block of one event that carries the text. */
function blockOf(text: string): RawEventBlock {
  let made: RawEventBlock | undefined;
  const builder = new BlockBuilder(new SocketRegistry('boot'), (block) => {
    made = { ...block, payload: block.payload.slice() };
  });
  const payload = Buffer.from(text);
  builder.add(rawRecords([{ kind: 1, enter: 1n, result: BigInt(payload.length), payload, ...SOCKET }]));
  builder.flush();
  return made!;
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
  it('are few at a time: for more there is room once one is written', async () => {
    const { queue, release, texts } = slowQueue();
    const seen: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      queue.onRoom(() => seen.push(`before ${name}`));
      queue.writeEvents(blockOf(name), always, nothing);
    }
    queue.onRoom(() => seen.push('after three'));
    expect(seen).toEqual(['before one', 'before two', 'before three']);
    for (const each of release.splice(0)) each();
    await queue.idle();
    expect(seen.at(-1)).toBe('after three');
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

  it('make room after a failed write, too, so that the recording can come to its end', async () => {
    let full = false;
    const { queue, release, failures } = slowQueue(() => {
      if (full) throw new Error('the disk is full');
    });
    full = true;
    let room = 0;
    for (let i = 0; i < 5; i++) queue.writeEvents(blockOf('x'), always, nothing);
    queue.onRoom(() => {
      room += 1;
    });
    for (const each of release.splice(0)) each();
    await queue.idle();
    expect(failures.length).toBe(1);
    expect(room).toBe(1);
  });
});
