import type { Span, TimeOrigin } from '@causeway/core';
import { associationKeys } from '@causeway/core';
import { copyBoolean, copyJson, copyNumbers, copyRow, copyText } from './copy-text';
import { hashKey } from './key-hash';

/** Columns of a span in the order of `spanCopyRow`; the capture id comes from the partition's default. */
export const SPAN_COLUMNS = 'id, start_ns, duration_ns, service, protocol, has_error, keys, body';

/** Who did the work that a span shows: the process, the application, or the interface that saw it pass. */
export function serviceOf(span: Span): string {
  switch (span.type) {
    case 'sys':
      return span.comm;
    case 'app':
      return span.serviceName;
    case 'net':
      return span.interfaceName;
  }
}

export function hasError(span: Span): boolean {
  return span.status === 'client_error' || span.status === 'server_error';
}

/** A span as a line of COPY. The body is the whole span: JSON keeps every one of its values exactly. */
export function spanCopyRow(span: Span, origin: TimeOrigin): string {
  return copyRow([
    copyText(span.id),
    origin + BigInt(span.start),
    Math.max(0, span.end - span.start),
    copyText(serviceOf(span)),
    span.protocol,
    copyBoolean(hasError(span)),
    copyNumbers(spanKeyHashes(span)),
    copyJson(span),
  ]);
}

export function spanKeyHashes(span: Span): number[] {
  return associationKeys(span).map(hashKey);
}
