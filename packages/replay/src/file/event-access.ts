import { type FileHandle, open } from 'node:fs/promises';
import type { CaptureEvent, HostId, TimeOrigin } from '@causeway/core';
import { FRAME_HEAD_BYTES, FrameKind, MAGIC } from '../format/capture-format';
import { type CaptureItem, CaptureReader } from '../format/capture-reader';
import { readEvent } from '../format/read-event';
import { HostClocks } from '../loop/host-clocks';
import { readCapture } from '../source/chunk-source';
import { fileSource } from './file-source';
import { nodeCodec } from './node-codec';

/** Where an event block lies in a capture, and what its rows are called. */
export interface EventFrame {
  /** Byte range in the file, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  readonly hostId: HostId;
  readonly firstOrdinal: number;
  readonly count: number;
}

/** All that is needed to find an event by its ordinal. Keep it: making it costs a pass over the frames' heads. */
export interface EventFrames {
  readonly frames: readonly EventFrame[];
  readonly clocks: HostClocks;
}

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
  const { frames, clocks } = known ?? (await listEventFrames(path));
  const wanted = new Map<EventFrame, number[]>();
  for (const ordinal of ordinals) {
    const frame = findFrame(frames, ordinal);
    if (frame === undefined) continue;
    const rows = wanted.get(frame);
    if (rows === undefined) wanted.set(frame, [ordinal]);
    else rows.push(ordinal);
  }
  const events = new Map<number, CaptureEvent>();
  const file = await open(path, 'r');
  try {
    for (const [frame, rows] of wanted) {
      const item = itemOf(await readRange(file, frame.from, frame.to));
      if (item?.kind !== 'events') continue;
      item.block.timeShift = clocks.timeShift(frame.hostId, item.block.raw.base);
      for (const ordinal of rows) {
        const row = ordinal - frame.firstOrdinal;
        if (row >= item.block.count) continue;
        const event = readEvent(item.block, row);
        // A copy: the event would otherwise hold the whole block's memory.
        events.set(ordinal, { ...event, ordinal, payload: event.payload.slice() });
      }
    }
  } finally {
    await file.close();
  }
  return ordinals.flatMap((ordinal) => events.get(ordinal) ?? []);
}

function findFrame(frames: readonly EventFrame[], ordinal: number): EventFrame | undefined {
  let low = 0;
  let high = frames.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const frame = frames[middle]!;
    if (ordinal < frame.firstOrdinal) high = middle - 1;
    else if (ordinal >= frame.firstOrdinal + frame.count) low = middle + 1;
    else return frame;
  }
  return undefined;
}

async function scan(path: string, clocks: HostClocks): Promise<EventFrames> {
  const frames: EventFrame[] = [];
  for await (const item of readCapture(fileSource(path), nodeCodec)) {
    observeClock(item, clocks);
    if (item.kind !== 'events') continue;
    const { firstOrdinal, count } = item.block;
    frames.push({ from: item.from, to: item.to, hostId: item.hostId, firstOrdinal, count });
  }
  return { frames, clocks };
}

function observeClock(item: CaptureItem, clocks: HostClocks): void {
  if (item.kind === 'header') clocks.observe(item.hostId, item.header);
  if (item.kind === 'clock') clocks.observe(item.hostId, item.clock);
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
    const item = itemOf(await readRange(file, from, to));
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
  const item = itemOf(await readRange(file, from, to));
  return item?.kind === 'events' ? item.block.count : undefined;
}

/** The one item that a frame's bytes hold, when its checksum and contents are in order. */
function itemOf(frame: Uint8Array): CaptureItem | undefined {
  const [item] = new CaptureReader(nodeCodec).push(frame);
  return item?.kind === 'damage' ? undefined : item;
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
