import type { HostClock } from '@causeway/core';
import { formatDuration } from '../../format/duration';
import { formatPlural } from '../../format/quantity';

/** `db shifted by −3.20 ms (from 41 links with web; −3.90 ms to −2.80 ms would do)`. */
export function clockSentence(clock: HostClock, hostNames: Readonly<Record<string, string>>): string {
  const name = (id: string) => hostNames[id] ?? id;
  const { host, against, shift, earliest, latest, pairs, ignored } = clock;
  const off = shift === 0 ? 'agrees' : `shifted by ${signed(shift)}`;
  const bounds =
    earliest !== undefined && latest !== undefined
      ? `; ${signed(earliest)} to ${signed(latest)} would do`
      : earliest !== undefined
        ? `; at least ${signed(earliest)}`
        : latest !== undefined
          ? `; at most ${signed(latest)}`
          : '';
  const others = ignored === 0 ? '' : `; ${formatPlural(ignored, 'other')} would not fit`;
  return `${name(host)} ${off} (from ${formatPlural(pairs, 'link')} with ${name(against)}${bounds}${others})`;
}

function signed(nanoseconds: number): string {
  return `${nanoseconds < 0 ? '−' : '+'}${formatDuration(Math.abs(nanoseconds))}`;
}
