import { decodeText } from '../../base/text';
import type { MessageStatus } from '../../message/message';

/**
 * Status codes of gRPC (https://grpc.github.io/grpc/core/md_doc_statuscodes.html), and whose fault each is by the rule of
 * OpenTelemetry's conventions for gRPC servers.
 */
const CODES: readonly (readonly [string, MessageStatus])[] = [
  ['OK', 'ok'],
  ['CANCELLED', 'client_error'],
  ['UNKNOWN', 'server_error'],
  ['INVALID_ARGUMENT', 'client_error'],
  ['DEADLINE_EXCEEDED', 'server_error'],
  ['NOT_FOUND', 'client_error'],
  ['ALREADY_EXISTS', 'client_error'],
  ['PERMISSION_DENIED', 'client_error'],
  ['RESOURCE_EXHAUSTED', 'client_error'],
  ['FAILED_PRECONDITION', 'client_error'],
  ['ABORTED', 'client_error'],
  ['OUT_OF_RANGE', 'client_error'],
  ['UNIMPLEMENTED', 'server_error'],
  ['INTERNAL', 'server_error'],
  ['UNAVAILABLE', 'server_error'],
  ['DATA_LOSS', 'server_error'],
  ['UNAUTHENTICATED', 'client_error'],
];

/** Name and class of a code; a code that is not known means the same as UNKNOWN. */
export function grpcCode(code: number): readonly [name: string, status: MessageStatus] {
  return CODES[code] ?? [`code ${code}`, 'server_error'];
}

const ESCAPES = /(?:%[0-9a-f]{2})+/gi;

/** The text behind a grpc-message: UTF-8, percent-encoded (gRPC over HTTP2, Status-Message). */
export function grpcMessage(encoded: string): string {
  return encoded.replace(ESCAPES, (escapes) => {
    const bytes = Uint8Array.from(escapes.slice(1).split('%'), (digits) => Number.parseInt(digits, 16));
    return decodeText(bytes, 0, bytes.length);
  });
}
