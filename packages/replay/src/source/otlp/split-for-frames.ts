import type { AttributeValue, ReportedResourceSpans, ReportedSpan } from '@causeway/core';
import type { ThirdPartySpans } from '../../format/payloads';
import { NO_ATTRIBUTES } from './reported-limits';

/** A frame is closed once it holds so many spans, or about so many bytes: far below the limit of a payload. */
const SPANS_A_FRAME = 500;
const BYTES_A_FRAME = 8 * 1024 * 1024;
/** UTF-8 takes three bytes for a UTF-16 unit at the most. */
const BYTES_A_CHARACTER = 3;
/** Names of members and the like. */
const BYTES_A_SPAN = 256;
const BYTES_A_VALUE = 16;

/** Cuts what one message held into pieces for one frame each; none for a message without spans. */
export function* splitForFrames(batches: readonly ReportedResourceSpans[]): Generator<ThirdPartySpans> {
  let frame: ReportedResourceSpans[] = [];
  let [count, bytes] = [0, 0];
  for (const batch of batches) {
    const resource = sizeOf(batch.resource.attributes) < BYTES_A_FRAME ? batch.resource : { attributes: NO_ATTRIBUTES };
    const resourceBytes = sizeOf(resource.attributes);
    for (const { scope, spans } of batch.scopeSpans) {
      let piece: ReportedSpan[] = [];
      const close = (): void => {
        if (piece.length > 0) frame.push({ resource, scopeSpans: [{ scope, spans: piece }] });
        piece = [];
      };
      bytes += resourceBytes + sizeOf(scope.name) + sizeOf(scope.version ?? '');
      for (const whole of spans) {
        const span = spanSize(whole) < BYTES_A_FRAME ? whole : bare(whole);
        piece.push(span);
        count += 1;
        bytes += spanSize(span);
        if (count < SPANS_A_FRAME && bytes < BYTES_A_FRAME) continue;
        close();
        yield { resourceSpans: frame };
        frame = [];
        count = 0;
        bytes = resourceBytes;
      }
      close();
    }
  }
  if (frame.length > 0) yield { resourceSpans: frame };
}

/** A span that alone would fill a frame keeps what makes it a span. */
function bare(span: ReportedSpan): ReportedSpan {
  return { ...span, attributes: NO_ATTRIBUTES, events: [], links: [] };
}

/** Bytes of a span in a frame, about; never less than it takes. */
function spanSize({ name, traceState, status, attributes, events, links }: ReportedSpan): number {
  let size = BYTES_A_SPAN + sizeOf(name) + sizeOf(traceState ?? '') + sizeOf(status.message ?? '') + sizeOf(attributes);
  for (const event of events) size += BYTES_A_SPAN + sizeOf(event.name) + sizeOf(event.attributes);
  for (const link of links) size += BYTES_A_SPAN + sizeOf(link.attributes);
  return size;
}

function sizeOf(value: AttributeValue): number {
  if (typeof value === 'string') return BYTES_A_VALUE + value.length * BYTES_A_CHARACTER;
  if (typeof value !== 'object' || value === null) return BYTES_A_VALUE;
  let size = BYTES_A_VALUE;
  for (const [key, member] of Object.entries(value)) size += sizeOf(key) + sizeOf(member);
  return size;
}
