import type { ServerResponse } from 'node:http';

/** What an exporter speaks: it is answered in the same. */
export type OtlpContent = 'application/json' | 'application/x-protobuf';

/** Answers as https://opentelemetry.io/docs/specs/otlp/#otlphttp-response wants: what was not taken is said. */
export function answerTaken(response: ServerResponse, content: OtlpContent, rejected: number): void {
  const errorMessage = rejected === 0 ? '' : 'Spans without a valid trace id, span id and start time were left out.';
  if (content === 'application/json') {
    const partialSuccess = { rejectedSpans: String(rejected), errorMessage };
    send(response, 200, content, Buffer.from(JSON.stringify(rejected === 0 ? {} : { partialSuccess })));
    return;
  }
  // ExportTraceServiceResponse { 1 partial_success { 1 rejected_spans  2 error_message } }
  const partial = Buffer.concat([varintField(1, rejected), bytesField(2, Buffer.from(errorMessage))]);
  send(response, 200, content, rejected === 0 ? Buffer.alloc(0) : bytesField(1, partial));
}

/** Codes of google.rpc.Code. */
const CODES: Readonly<Record<number, number>> = { 400: 3, 413: 8, 415: 3, 503: 14 };
const INTERNAL = 13;
const RETRY_AFTER_SECONDS = 5;

/** An error as google.rpc.Status. Exporters try again after a 503 only. */
export function answerRefused(response: ServerResponse, content: OtlpContent, status: number, message: string): void {
  const code = CODES[status] ?? INTERNAL;
  if (status === 503) response.setHeader('retry-after', RETRY_AFTER_SECONDS);
  const body =
    content === 'application/json'
      ? Buffer.from(JSON.stringify({ code, message }))
      : Buffer.concat([varintField(1, code), bytesField(2, Buffer.from(message))]);
  send(response, status, content, body);
}

function send(response: ServerResponse, status: number, content: OtlpContent, body: Buffer): void {
  response.setHeader('cache-control', 'no-store');
  response.writeHead(status, { 'content-type': content, 'content-length': body.length }).end(body);
}

function varintField(field: number, value: number): Buffer {
  return Buffer.from([...varint(field * 8), ...varint(value)]);
}

function bytesField(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}
