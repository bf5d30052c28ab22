import type { CaptureEvent, HostId } from '@causeway/core';
import { type CaptureItem, CaptureReader } from '../format/capture-reader';
import type { FrameCodec } from '../format/frame-codec';
import { readEvent } from '../format/read-event';
import { HostClocks } from '../loop/host-clocks';

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

/** Lists a capture's event blocks while its items go by. */
export class EventFrameLog implements EventFrames {
  readonly frames: EventFrame[] = [];

  constructor(readonly clocks = new HostClocks()) {}

  push(item: CaptureItem): void {
    if (item.kind === 'header') this.clocks.observe(item.hostId, item.header);
    if (item.kind === 'clock') this.clocks.observe(item.hostId, item.clock);
    if (item.kind !== 'events') return;
    const { firstOrdinal, count } = item.block;
    this.frames.push({ from: item.from, to: item.to, hostId: item.hostId, firstOrdinal, count });
  }
}

/**
 * The events with these ordinals, in the order asked; ordinals that the capture does not have are left out. `readRange`
 * gives a byte range of the capture, `to` exclusive; its errors are thrown.
 */
export async function pickEvents(
  readRange: (from: number, to: number) => Promise<Uint8Array>,
  ordinals: readonly number[],
  { frames, clocks }: EventFrames,
  codec?: FrameCodec,
): Promise<CaptureEvent[]> {
  const wanted = new Map<EventFrame, number[]>();
  for (const ordinal of ordinals) {
    const frame = findFrame(frames, ordinal);
    if (frame === undefined) continue;
    const rows = wanted.get(frame);
    if (rows === undefined) wanted.set(frame, [ordinal]);
    else rows.push(ordinal);
  }
  const events = new Map<number, CaptureEvent>();
  for (const [frame, rows] of wanted) {
    const item = frameItem(await readRange(frame.from, frame.to), codec);
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
  return ordinals.flatMap((ordinal) => events.get(ordinal) ?? []);
}

/** The one item that a frame's bytes hold, when its checksum and contents are in order. */
export function frameItem(frame: Uint8Array, codec?: FrameCodec): CaptureItem | undefined {
  const [item] = new CaptureReader(codec).push(frame);
  return item?.kind === 'damage' ? undefined : item;
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
