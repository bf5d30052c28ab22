import type { HostClock, HostId } from '@causeway/core';
import { countOf, durationText } from './time-text';

/** `clock of db: shifted by −3.20 ms, from 41 links with web (−3.90 ms … −2.80 ms would do)`. */
export function clockText(clock: HostClock, hosts: ReadonlyMap<string, HostId>): string {
  const name = (id: HostId) => [...hosts].find(([, host]) => host === id)?.[0] ?? id;
  const { host, against, shift, earliest, latest, pairs, ignored } = clock;
  const shifted = shift === 0 ? 'not shifted' : `shifted by ${signedDuration(shift)}`;
  const bounds = [earliest, latest].map((bound) => (bound === undefined ? '?' : signedDuration(bound)));
  const others = ignored === 0 ? '' : `; ${countOf(ignored, 'other')} would not fit`;
  return `clock of ${name(host)}: ${shifted}, from ${countOf(pairs, 'link')} with ${name(against)} (${bounds.join(' … ')} would do${others})`;
}

function signedDuration(nanoseconds: number): string {
  return `${nanoseconds < 0 ? '−' : '+'}${durationText(Math.abs(nanoseconds))}`;
}
