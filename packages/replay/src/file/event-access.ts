import { type FileHandle, open } from 'node:fs/promises';
import type { CaptureEvent, HostId, TimeOrigin } from '@causeway/core';
import { FRAME_HEAD_BYTES, FrameKind, MAGIC } from '../format/capture-format';
import { HostClocks } from '../loop/host-clocks';
import { readCapture } from '../source/chunk-source';
import { type EventFrame, EventFrameLog, type EventFrames, frameItem, pickEvents } from '../source/event-frames';
import { fileSource } from './file-source';
import { nodeCodec } from './node-codec';

export interface EventFramesOptions {
  /**
   * Read the whole file instead of trusting heads and indexes. Needed for a capture in which damage was found: a replay
   * does not count the events of a block that it had to leave out, an index does. Default false.
   */
  readonly scan?: boolean;
  /** As the replay had it. Default: midnight UTC of the first header's day. */
  readonly timeOrigin?: TimeOrigin;
}

/** Lists a capture's event blocks: from frame heads and indexes where these are in order, else by reading it. */
export async function listEventFrames(path: string, options: EventFramesOptions = {}): Promise<EventFrames> {
  const hopped = options.scan ? undefined : await hop(path, new HostClocks(options.timeOrigin));
  return hopped ?? (await scan(path, new HostClocks(options.timeOrigin)));
}

/** The events with these ordinals, in the order asked; ordinals that the capture does not have are left out. */
export async function readEvents(
  path: string,
  ordinals: readonly number[],
  known?: EventFrames,
): Promise<CaptureEvent[]> {
  const frames = known ?? (await listEventFrames(path));
  const file = await open(path, 'r');
  try {
    return await pickEvents((from, to) => readRange(file, from, to), ordinals, frames, nodeCodec);
  } finally {
    await file.close();
  }
}

async function scan(path: string, clocks: HostClocks): Promise<EventFrames> {
  const log = new EventFrameLog(clocks);
  for await (const item of readCapture(fileSource(path), nodeCodec)) log.push(item);
  return log;
}

/**
 * Goes from frame head to frame head. Of a section with an index only header and index are read; of one without, the
 * event blocks too. `undefined` = something is not as it should be.
 */
async function hop(path: string, clocks: HostClocks): Promise<EventFrames | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const frames: EventFrame[] = [];
    let section: Section | undefined;
    let position = 0;
    while (position < size) {
      const head = await readRange(file, position, Math.min(size, position + FRAME_HEAD_BYTES));
      if (head.length >= MAGIC.length && MAGIC.every((byte, i) => head[i] === byte)) {
        if (section && !(await section.close(file, frames))) return undefined;
        section = new Section(position);
        position += MAGIC.length;
        continue;
      }
      // A frame that is not whole yet ends a capture that is still being written.
      if (head.length < FRAME_HEAD_BYTES) break;
      if (section === undefined || head[0] !== 0x94 || head[2] !== 0xce || head[8] !== 0xc6) return undefined;
      const to = position + FRAME_HEAD_BYTES + Buffer.from(head).readUInt32BE(9);
      if (to > size) break;
      if (!(await section.add(file, head[1]!, position, to, clocks))) return undefined;
      position = to;
    }
    if (section && !(await section.close(file, frames))) return undefined;
    return { frames, clocks };
  } finally {
    await file.close();
  }
}

class Section {
  private hostId: HostId | undefined;
  private readonly blocks: { readonly from: number; readonly to: number }[] = [];
  private counts: ReadonlyMap<number, number> | undefined;

  constructor(private readonly start: number) {}

  async add(file: FileHandle, kind: number, from: number, to: number, clocks: HostClocks): Promise<boolean> {
    if (kind === FrameKind.events) this.blocks.push({ from, to });
    if (kind !== FrameKind.header && kind !== FrameKind.index) return true;
    const item = frameItem(await readRange(file, from, to), nodeCodec);
    if (item?.kind === 'header') {
      this.hostId = item.hostId;
      clocks.observe(item.hostId, item.header);
    } else if (item?.kind === 'index') {
      this.counts = new Map(item.frames.map((frame) => [this.start + frame.offset, frame.count]));
    } else return false;
    return true;
  }

  /** Appends the section's event frames, numbered on from the last. */
  async close(file: FileHandle, frames: EventFrame[]): Promise<boolean> {
    const { hostId } = this;
    if (hostId === undefined) return false;
    for (const { from, to } of this.blocks) {
      const count = this.counts?.get(from) ?? (await countEvents(file, from, to));
      if (count === undefined || count < 0) return false;
      const last = frames.at(-1);
      const firstOrdinal = last === undefined ? 0 : last.firstOrdinal + last.count;
      frames.push({ from, to, hostId, firstOrdinal, count });
    }
    return true;
  }
}

async function countEvents(file: FileHandle, from: number, to: number): Promise<number | undefined> {
  const item = frameItem(await readRange(file, from, to), nodeCodec);
  return item?.kind === 'events' ? item.block.count : undefined;
}

async function readRange(file: FileHandle, from: number, to: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(to - from);
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return new Uint8Array(buffer.buffer, buffer.byteOffset, filled);
}
