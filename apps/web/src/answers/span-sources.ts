import {
  type HostId,
  type LoopMoment,
  type Nanoseconds,
  type Span,
  type SystraceId,
  settleHost,
  type TimeOrigin,
} from '@causeway/core';
import type { CaptureRecord } from './capture-record';

/**
 * Systrace ids are counted anew in each capture, so those of several captures of one host are told apart by an offset. None
 * comes near this range, and 8,192 captures fit below 2⁵³.
 */
const SYSTRACE_RANGE = 2 ** 40;

/** Of captures whose headers were all lost. */
const EPOCH = 0n as TimeOrigin;

/** A capture among those that are read together, and how its spans become theirs. */
export interface SpanSource {
  readonly captureId: string;
  /** To be added to its times, nanoseconds: its time origin is another. */
  readonly timeShift: number;
  readonly systraceOffset: number;
}

/** Captures whose spans are read as one set. */
export interface SpanSources {
  readonly timeOrigin: TimeOrigin;
  readonly sources: readonly SpanSource[];
  /** Hosts by name, for application spans, which name theirs. */
  readonly hosts: ReadonlyMap<string, HostId>;
}

/** The captures in the order of their ids, by the earliest time origin. */
export function spanSources(captures: readonly Pick<CaptureRecord, 'id' | 'timeOrigin' | 'header'>[]): SpanSources {
  const sorted = captures.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const origins = sorted.map(({ timeOrigin }) => timeOrigin).filter((origin) => origin !== undefined);
  const timeOrigin = origins.reduce((least, origin) => (origin < least ? origin : least), origins[0] ?? EPOCH);
  const hosts = new Map<string, HostId>();
  for (const { header } of sorted) {
    if (header?.hostId !== undefined && header.hostName !== '' && !hosts.has(header.hostName))
      hosts.set(header.hostName, header.hostId);
  }
  return {
    timeOrigin,
    sources: sorted.map((capture, i) => ({
      captureId: capture.id,
      timeShift: Number((capture.timeOrigin ?? timeOrigin) - timeOrigin),
      systraceOffset: i * SYSTRACE_RANGE,
    })),
    hosts,
  };
}

/** Names of the hosts by id. */
export function hostNames({ hosts }: Pick<SpanSources, 'hosts'>): Record<string, string> {
  return Object.fromEntries([...hosts].map(([name, host]) => [host, name]));
}

/** A stored span as one of the set. */
export function adoptSpan(span: Span, { timeShift, systraceOffset }: SpanSource, hosts: SpanSources['hosts']): Span {
  const settled = settleHost(span, hosts);
  if (timeShift === 0 && systraceOffset === 0) return settled;
  const { start, end, firstResponseByte } = settled;
  const moved = {
    start: (start + timeShift) as Nanoseconds,
    end: (end + timeShift) as Nanoseconds,
    ...(firstResponseByte !== undefined && { firstResponseByte: (firstResponseByte + timeShift) as Nanoseconds }),
  };
  if (settled.type !== 'sys') return { ...settled, ...moved };
  const { systraceIdRequest: request, systraceIdResponse: response, systraceIdConnect: connect } = settled;
  const { attribution, connection } = settled;
  const moveMoment = (moment: LoopMoment) => ({ ...moment, time: (moment.time + timeShift) as Nanoseconds });
  const moveId = (id: SystraceId) => (id + systraceOffset) as SystraceId;
  return {
    ...settled,
    ...moved,
    ...(request !== undefined && { systraceIdRequest: moveId(request) }),
    ...(response !== undefined && { systraceIdResponse: moveId(response) }),
    ...(connect !== undefined && { systraceIdConnect: moveId(connect) }),
    ...(connection !== undefined && {
      connection: {
        ...(connection.connected && { connected: moveMoment(connection.connected) }),
        ...(connection.ended && { ended: moveMoment(connection.ended) }),
      },
    }),
    ...(attribution !== undefined && {
      attribution: {
        candidates: attribution.candidates.map((each) => ({ ...each, systraceId: moveId(each.systraceId) })),
      },
    }),
  };
}

/** A systrace id as its capture stored it. */
export function storedSystraceId(id: number): number {
  return id % SYSTRACE_RANGE;
}
