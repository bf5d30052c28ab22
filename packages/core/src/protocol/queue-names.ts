import { Hash64 } from '../base/hash';
import { MAX_QUEUE_NAMES, type QueueMessageName, type QueueMessages } from '../message/message';
import type { MutableFields } from './protocol-parser';

/** Payload that a digest covers: parsers wait for so much of it. */
export const DIGESTED = 512;

/**
 * Name of a message by its content: where it goes, its length and the first bytes of it. Nothing when it is empty or
 * when these bytes are not there: what is cut by the capture would be named differently at either end.
 *
 * @param length of the payload, in bytes; it begins at `start`, and is there up to `end`.
 */
export function contentName(
  place: string,
  length: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): QueueMessageName | undefined {
  const stop = start + Math.min(length, DIGESTED);
  if (length <= 0 || stop > end) return undefined;
  const hash = new Hash64().addText(place).add(length);
  for (let i = start; i < stop; i += 1) hash.add(bytes[i]!);
  return { basis: 'content', value: `${place} ${hash.hex()}` };
}

/** Adds names to those that the message has; MAX_QUEUE_NAMES at most. */
export function addQueueNames(
  fields: MutableFields,
  action: QueueMessages['action'],
  names: readonly (QueueMessageName | '' | undefined)[],
): void {
  const known = names.filter((name) => name !== undefined && name !== '');
  if (known.length === 0) return;
  const all = [...(fields.queueMessages?.names ?? []), ...known].slice(0, MAX_QUEUE_NAMES);
  fields.queueMessages = { action, names: all };
}
