import {
  appSpans,
  Direction,
  EventFlag,
  EventKind,
  type HostId,
  type Nanoseconds,
  NONE,
  type SocketInfo,
} from '@causeway/core';
import { FrameKind } from '../format/capture-format';
import { type CaptureProblem, describeProblem } from '../format/capture-problem';
import type { CaptureItem } from '../format/capture-reader';
import type { ColumnarBlock } from '../format/columnar-block';
import type { CaptureHeader, ClockPair, TagsRecord, ThirdPartySpans } from '../format/payloads';
import { eventName } from './event-line';

/** Kinds by the name that items have; a number for what this version does not know. */
const FRAME_NAMES = new Map<number, string>(Object.entries(FrameKind).map(([name, kind]) => [kind, name]));

export interface FrameRow {
  readonly offset: number;
  readonly kind: string;
  readonly bytes: number;
  readonly events: number;
  /** Nanoseconds since the Unix epoch; absent when the frame has no time or its host's clock is not known. */
  readonly first?: bigint;
  readonly last?: bigint;
}

export interface SocketRow {
  readonly socket: SocketInfo;
  events: number;
  bytesIn: number;
  bytesOut: number;
}

/** Adds up what a capture is made of, item by item. It keeps a row for each frame and socket, no events. */
export class CaptureSummary {
  readonly headers: CaptureHeader[] = [];
  readonly frames: FrameRow[] = [];
  readonly problems: CaptureProblem[] = [];
  readonly sockets = new Map<string, SocketRow>();
  /** Rows by call or kind. */
  readonly events = new Map<string, number>();
  readonly ringDrops: number[] = [];
  /** Application spans by service. */
  readonly reportedSpans = new Map<string, number>();
  eventCount = 0;
  spanCount = 0;
  payloadBytes = 0;
  truncatedPayloads = 0;
  /** Events that the agent's spool had no room for. */
  spoolDrops = 0;
  /** Bytes of payload that it had no room for; their calls are there. */
  shedPayloadBytes = 0;
  /** What the hooks could not see. */
  splicedBytes = 0;
  ioUringRequests = 0;
  tlsUnplacedBytes = 0;
  packetDrops = 0;
  filteredEvents: number | undefined;
  firstTime: bigint | undefined;
  lastTime: bigint | undefined;
  /** Largest step of the wall clock against the monotonic one within a section, nanoseconds. */
  clockStep = 0n;
  /** The latest of each host. */
  readonly tags = new Map<HostId, TagsRecord>();
  private clock: ClockPair | undefined;

  add(item: CaptureItem): void {
    if (item.kind === 'damage') {
      this.problems.push(item.problem);
      return;
    }
    if (item.kind === 'header') {
      this.headers.push(item.header);
      this.clock = item.header;
    }
    if (item.kind === 'tags') this.tags.set(item.hostId, item.tags);
    if (item.kind === 'clock') this.addClock(item.clock);
    if (item.kind === 'events') this.addBlock(item.block);
    if (item.kind === 'thirdPartySpans') this.addSpans(item.spans);
    if (item.kind === 'loss') {
      item.loss.ringDrops.forEach((drops, cpu) => {
        this.ringDrops[cpu] = (this.ringDrops[cpu] ?? 0) + drops;
      });
      this.truncatedPayloads += item.loss.truncatedPayloads;
      this.spoolDrops += item.loss.spoolDrops ?? 0;
      this.shedPayloadBytes += item.loss.shedPayloadBytes ?? 0;
      this.splicedBytes += item.loss.splicedBytes ?? 0;
      this.ioUringRequests += item.loss.ioUringRequests ?? 0;
      this.tlsUnplacedBytes += item.loss.tlsUnplacedBytes ?? 0;
      this.packetDrops += item.loss.packetDrops ?? 0;
      if (item.loss.filtered !== undefined) this.filteredEvents = (this.filteredEvents ?? 0) + item.loss.filtered;
    }
    this.frames.push(this.frameRow(item));
  }

  /** Nanoseconds since the Unix epoch of a monotonic time of the current section. */
  epoch(monotonic: bigint): bigint {
    return this.clock === undefined ? monotonic : monotonic + this.clock.realtime - this.clock.monotonic;
  }

  private addClock(pair: ClockPair): void {
    this.clock ??= pair;
    const step = pair.realtime - this.epoch(pair.monotonic);
    const size = step < 0n ? -step : step;
    if (size > this.clockStep) this.clockStep = size;
  }

  private addBlock(block: ColumnarBlock): void {
    this.eventCount += block.count;
    this.payloadBytes += block.raw.payload.length;
    const names = new Map<number, number>();
    for (let i = 0; i < block.count; i++) {
      const name = (block.kind[i]! << 8) | block.abi[i]!;
      names.set(name, (names.get(name) ?? 0) + 1);
      if (block.socket[i] !== NONE) this.addToSocket(block, i);
    }
    for (const [number, count] of names) {
      const name = eventName({ kind: (number >> 8) as EventKind, abi: (number & 0xff) as 0 });
      this.events.set(name, (this.events.get(name) ?? 0) + count);
    }
    if (block.count === 0) return;
    this.cover(this.epoch(block.raw.firstTime), this.epoch(block.raw.lastTime));
  }

  private addSpans({ resourceSpans }: ThirdPartySpans): void {
    for (const span of appSpans(resourceSpans, () => 0 as Nanoseconds)) {
      this.spanCount += 1;
      this.reportedSpans.set(span.serviceName, (this.reportedSpans.get(span.serviceName) ?? 0) + 1);
    }
    for (const { scopeSpans } of resourceSpans) {
      for (const { spans } of scopeSpans) {
        for (const { startTimeUnixNano: start, endTimeUnixNano: end } of spans) this.cover(start, end);
      }
    }
  }

  private cover(first: bigint, last: bigint): void {
    if (this.firstTime === undefined || first < this.firstTime) this.firstTime = first;
    if (this.lastTime === undefined || last > this.lastTime) this.lastTime = last;
  }

  private addToSocket(block: ColumnarBlock, i: number): void {
    const socket = block.sockets[block.socket[i]!]!;
    const key = `${block.hostId} ${socket.id}`;
    let row = this.sockets.get(key);
    if (row === undefined) {
      row = { socket, events: 0, bytesIn: 0, bytesOut: 0 };
      this.sockets.set(key, row);
    }
    row.events++;
    const onTheWire = block.kind[i] === EventKind.data && (block.flags[i]! & EventFlag.tls) === 0;
    const moved = onTheWire ? Math.max(0, block.result[i]!) : 0;
    if (block.direction[i] === Direction.ingress) row.bytesIn += moved;
    else row.bytesOut += moved;
  }

  private frameRow(item: Exclude<CaptureItem, { kind: 'damage' }>): FrameRow {
    const times = timesOf(item);
    return {
      offset: item.from,
      kind: item.kind === 'unknown' ? (FRAME_NAMES.get(item.frameKind) ?? `kind ${item.frameKind}`) : item.kind,
      bytes: item.to - item.from,
      events: item.kind === 'events' ? item.block.count : 0,
      ...(times && this.clock && { first: this.epoch(times[0]), last: this.epoch(times[1]) }),
    };
  }

  /** For programs: times as decimal strings of nanoseconds since the Unix epoch. */
  json(): object {
    return {
      sections: this.headers.map((header) => ({
        ...header,
        monotonic: undefined,
        realtime: header.realtime.toString(),
      })),
      firstTimeNs: this.firstTime?.toString(),
      lastTimeNs: this.lastTime?.toString(),
      events: this.eventCount,
      reportedSpans: this.spanCount,
      reportedSpansByService: Object.fromEntries(this.reportedSpans),
      payloadBytes: this.payloadBytes,
      eventsByKind: Object.fromEntries(this.events),
      ringDrops: Array.from(this.ringDrops, (drops) => drops ?? 0),
      spoolDrops: this.spoolDrops,
      shedPayloadBytes: this.shedPayloadBytes,
      splicedBytes: this.splicedBytes,
      ioUringRequests: this.ioUringRequests,
      tlsUnplacedBytes: this.tlsUnplacedBytes,
      packetDrops: this.packetDrops,
      filteredEvents: this.filteredEvents,
      truncatedPayloads: this.truncatedPayloads,
      clockStepNs: this.clockStep.toString(),
      frames: this.frames.map(({ first, last, ...frame }) => ({
        ...frame,
        firstTimeNs: first?.toString(),
        lastTimeNs: last?.toString(),
      })),
      sockets: [...this.sockets.values()],
      tags: [...this.tags].map(([hostId, { time: _, ...tags }]) => ({ hostId, ...tags })),
      problems: this.problems.map((problem) => ({ ...problem, sentence: describeProblem(problem) })),
    };
  }
}

/** Spans in a frame of application spans. */
export function countSpans({ resourceSpans }: ThirdPartySpans): number {
  let count = 0;
  for (const { scopeSpans } of resourceSpans) for (const { spans } of scopeSpans) count += spans.length;
  return count;
}

function timesOf(item: Exclude<CaptureItem, { kind: 'damage' }>): readonly [bigint, bigint] | undefined {
  switch (item.kind) {
    case 'header':
      return [item.header.monotonic, item.header.monotonic];
    case 'events':
      return [item.block.raw.firstTime, item.block.raw.lastTime];
    case 'snapshot':
      return [item.snapshot.time, item.snapshot.time];
    case 'tags':
      return [item.tags.time, item.tags.time];
    case 'loss':
      return [item.loss.from, item.loss.to];
    case 'clock':
      return [item.clock.monotonic, item.clock.monotonic];
    default:
      return undefined;
  }
}
