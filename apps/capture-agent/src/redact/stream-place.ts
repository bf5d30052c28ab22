/** Where a stream of bytes stands, by direction (`Direction` of core: 1 and 2): the sequence number that comes next. */
export interface StreamPlace {
  next?: [undefined, number | undefined, number | undefined];
}

/** Bytes are missing, or come again, or are older: how many is not known. */
export const UNKNOWN = Number.POSITIVE_INFINITY;
/** A jump that is further is none of lost events. */
const MAX_MISSING = 256 * 1024 * 1024;

/**
 * Bytes missing before those of a call: 0 when they follow on the last ones, as they do at first. `start` undefined = straight
 * behind. To be asked once for each call, in order.
 */
export function missingBefore(
  place: StreamPlace,
  direction: number,
  start: number | undefined,
  length: number,
): number {
  place.next ??= [undefined, undefined, undefined];
  const expected = place.next[direction];
  const from = start ?? expected;
  if (from === undefined) return 0;
  const end = (from + length) >>> 0;
  const ahead = expected === undefined ? 0 : (from - expected) | 0;
  const isOld = ahead < 0 && ahead > -MAX_MISSING && ((end - expected!) | 0) <= 0;
  if (!isOld) place.next[direction] = end;
  return ahead >= 0 && ahead <= MAX_MISSING ? ahead : UNKNOWN;
}
