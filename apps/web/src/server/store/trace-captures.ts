import type { HostId, LossInterval, Nanoseconds, Span } from '@causeway/core';
import type { HostTags } from '../../api/contract';
import type { Capture } from '../database/generated/client';
import type { SpanSources } from './span-sources';

/** When events were dropped in captures that are read together. */
export function lossesOf(rows: readonly Pick<Capture, 'id' | 'losses'>[], { sources }: SpanSources): LossInterval[] {
  return sources.flatMap(({ captureId, timeShift }) => {
    const losses = rows.find(({ id }) => id === captureId)!.losses as unknown as readonly LossInterval[];
    const moved = (time: number) => (time + timeShift) as Nanoseconds;
    return losses.map((loss) => ({ ...loss, from: moved(loss.from), to: moved(loss.to) }));
  });
}

/** Tags of the hosts and processes that some spans ran on: a capture may know thousands of others. */
export function tagsOf(rows: readonly Pick<Capture, 'tags'>[], spans: readonly Span[]): HostTags[] {
  const processes = new Map<HostId, Set<number>>();
  for (const span of spans) {
    const pids = processes.get(span.hostId) ?? new Set();
    processes.set(span.hostId, pids);
    if (span.type !== 'net' && span.pid !== undefined) pids.add(span.pid);
  }
  return rows
    .flatMap(({ tags }) => tags as unknown as readonly HostTags[])
    .filter(({ hostId }) => processes.has(hostId))
    .map(({ hostId, host, labels, groups }) => ({
      hostId,
      host,
      labels,
      groups: groups.flatMap(({ pids, attributes }) => {
        const present = pids.filter((pid) => processes.get(hostId)!.has(pid));
        return present.length === 0 ? [] : [{ pids: present, attributes }];
      }),
    }));
}
