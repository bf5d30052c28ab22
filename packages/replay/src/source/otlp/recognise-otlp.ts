/** As many bytes tell an OTLP file from others. */
export const OTLP_HEAD_BYTES = 64;

export type OtlpForm = 'json' | 'protobuf' | 'length-prefixed';

const JSON_START = /^\uFEFF?\s*\{\s*"(?:resource_?(?:Spans|Metrics|Logs)|resource_(?:spans|metrics|logs))"\s*:/;
/** A collector's file exporter writes each message behind its length. */
const PREFIX_BYTES = 4;
const MAX_PREFIXED = 64 * 1024 * 1024;

/** What an OTLP file is written in, by its first bytes; `undefined` when it is something else. */
export function recogniseOtlp(head: Uint8Array): OtlpForm | undefined {
  if (JSON_START.test(new TextDecoder().decode(head))) return 'json';
  if (nestsLikeTraces(head, 0, Number.POSITIVE_INFINITY)) return 'protobuf';
  if (head.length <= PREFIX_BYTES) return undefined;
  const length = new DataView(head.buffer, head.byteOffset, PREFIX_BYTES).getUint32(0);
  const prefixed = length > 0 && length <= MAX_PREFIXED && nestsLikeTraces(head, PREFIX_BYTES, length);
  return prefixed ? 'length-prefixed' : undefined;
}

/** First bytes of what may stand in `ResourceSpans` (resource, scope spans, schema), and in a resource or scope spans. */
const INNER_TAGS: readonly number[] = [0x0a, 0x12, 0x1a];
const INNERMOST_TAGS: readonly number[] = [0x0a, 0x10, 0x12, 0x1a];
const SCHEMA_TAG = 0x1a;

/** Whether a message of `room` bytes begins with a `ResourceSpans` and what belongs in it, each within the one around it. */
function nestsLikeTraces(head: Uint8Array, start: number, room: number): boolean {
  const outer = head[start] === 0x0a ? varint(head, start + 1) : undefined;
  if (outer === undefined || outer.value > room) return false;
  const tag = head[outer.next];
  if (tag === undefined || !INNER_TAGS.includes(tag)) return false;
  const inner = varint(head, outer.next + 1);
  if (inner === undefined || inner.value > outer.value - 2) return false;
  return tag === SCHEMA_TAG || inner.value === 0 || INNERMOST_TAGS.includes(head[inner.next] ?? -1);
}

function varint(bytes: Uint8Array, start: number): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: start + i + 1 };
  }
  return undefined;
}
