import type { HostId, LossInterval, Nanoseconds, Span } from '@causeway/core';
import type { HostTags } from '../api/contract';
import type { CaptureRecord } from './capture-record';
import type { SpanSources } from './span-sources';

/** When events were dropped in captures that are read together. */
export function lossesOf(
  captures: readonly Pick<CaptureRecord, 'id' | 'losses'>[],
  { sources }: SpanSources,
): LossInterval[] {
  return sources.flatMap(({ captureId, timeShift }) => {
    const { losses } = captures.find(({ id }) => id === captureId)!;
    const moved = (time: number) => (time + timeShift) as Nanoseconds;
    return losses.map((loss) => ({ ...loss, from: moved(loss.from), to: moved(loss.to) }));
  });
}

/** Tags of the hosts and processes that some spans ran on: a capture may know thousands of others. */
export function tagsOf(captures: readonly Pick<CaptureRecord, 'tags'>[], spans: readonly Span[]): HostTags[] {
  const processes = new Map<HostId, Set<number>>();
  for (const span of spans) {
    const pids = processes.get(span.hostId) ?? new Set();
    processes.set(span.hostId, pids);
    if (span.type !== 'net' && span.pid !== undefined) pids.add(span.pid);
  }
  return captures
    .flatMap(({ tags }) => tags)
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
