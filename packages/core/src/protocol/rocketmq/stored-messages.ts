import { decodeText } from '../../base/text';

const MAGICS: ReadonlySet<number> = new Set([0xdaa320a7, 0xdaa320ab]);
const SECOND_MAGIC = 0xdaa320ab;
/** Address of born and store host: with its port 8 bytes, or 20 with IPv6 (flags of the message). */
const BORN_V6 = 0x10;
const STORE_V6 = 0x20;
const MAX_MESSAGES = 32;
const MAX_PROPERTIES = 64;

/**
 * Calls back for each property of the messages in an answer to a pull, message by message, as they lie in the broker's log:
 * size (4) · magic (4) · crc (4) · queue (4) · flag (4) · offset (8) · position (8) · flags (4) · born (8) · born host
 * · stored (8) · store host · times consumed (4) · transaction (8) · length (4) · body · length (1, or 2) · topic
 * · length (2) · properties.
 */
export function visitStoredMessages(
  bytes: Uint8Array,
  from: number,
  end: number,
  visit: (message: number, topic: string, name: string, value: string) => void,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, Math.min(end, bytes.length));
  let at = from;
  for (let i = 0; i < MAX_MESSAGES && at + 48 <= end; i += 1) {
    const size = view.getUint32(at);
    const magic = view.getUint32(at + 4);
    if (!MAGICS.has(magic) || size < 48) return;
    const flags = view.getUint32(at + 36);
    let next = at + 48 + ((flags & BORN_V6) === 0 ? 8 : 20) + 8 + ((flags & STORE_V6) === 0 ? 8 : 20) + 12;
    if (next + 4 > end) return;
    next += 4 + view.getUint32(next);
    if (next + 2 > end) return;
    const topicAt = magic === SECOND_MAGIC ? next + 2 : next + 1;
    const topicEnd = topicAt + (magic === SECOND_MAGIC ? view.getUint16(next) : bytes[next]!);
    if (topicEnd + 2 > end) return;
    const topic = decodeText(bytes, topicAt, topicEnd);
    const stop = Math.min(end, topicEnd + 2 + view.getUint16(topicEnd));
    visitProperties(decodeText(bytes, topicEnd + 2, stop), (name, value) => visit(i, topic, name, value));
    at += size;
  }
}

/** Name 01 value, joined by 02. */
export function visitProperties(text: string, visit: (name: string, value: string) => void): void {
  for (const property of text.split('\u0002', MAX_PROPERTIES)) {
    const separator = property.indexOf('\u0001');
    if (separator > 0) visit(property.slice(0, separator), property.slice(separator + 1));
  }
}
