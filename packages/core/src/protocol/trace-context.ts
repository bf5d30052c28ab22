import type { MutableFields } from './protocol-parser';

/**
 * In-band trace context, as headers of any protocol carry it. Names are matched without regard to case.
 *
 * traceparent      https://www.w3.org/TR/trace-context/     version-trace-parent-flags
 * tracestate       likewise: what vendors add to it; kept as it is
 * b3, x-b3-*       https://github.com/openzipkin/b3-propagation
 * uber-trace-id    https://www.jaegertracing.io/docs/latest/client-libraries/#propagation-format   trace:span:parent:flags
 * sw8              https://skywalking.apache.org/docs/main/latest/en/api/x-process-propagation-headers-v3/
 * x-request-id     no standard; passed on by proxies as it is
 */
export const TRACE_HEADERS = [
  'traceparent',
  'tracestate',
  'b3',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'uber-trace-id',
  'sw8',
  'x-request-id',
] as const;
export type TraceHeader = (typeof TRACE_HEADERS)[number];

/** Vendors must pass on at least 512 characters (section 3.3.1.5); longer ones are cut. */
const MAX_TRACE_STATE = 1024;
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/;
const B3 = /^([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(?:-[01d](?:-([0-9a-f]{16}))?)?$/i;
const UBER = /^([0-9a-f]{1,32}):([0-9a-f]{1,16}):([0-9a-f]{1,16}):[0-9a-f]{1,2}$/i;
const HEX_ID = /^[0-9a-f]{16}(?:[0-9a-f]{16})?$/i;
const NO_PARENT = /^0+$/;

/** Puts what a header says into the fields; a malformed value is as if it were not there. */
export function readTraceHeader(name: TraceHeader, value: string, fields: MutableFields): void {
  switch (name) {
    case 'traceparent':
      setContext(TRACEPARENT.exec(value), fields);
      return;
    case 'tracestate':
      addTraceState(fields, value);
      return;
    case 'b3':
      setContext(B3.exec(value), fields);
      return;
    case 'uber-trace-id':
      setContext(UBER.exec(value.replaceAll('%3A', ':').replaceAll('%3a', ':')), fields);
      return;
    case 'x-b3-traceid':
      if (HEX_ID.test(value)) addTraceId(fields, value);
      return;
    case 'x-b3-spanid':
      if (HEX_ID.test(value)) fields.spanId = value;
      return;
    case 'x-b3-parentspanid':
      if (HEX_ID.test(value)) fields.parentSpanId = value;
      return;
    case 'sw8':
      readSkyWalking(value, fields);
      return;
    case 'x-request-id':
      if (value.length > 0) fields.xRequestId = value;
  }
}

/** Likewise, of headers or attachments whose names are not known beforehand; names that carry no context are passed over. */
export function readNamedHeader(name: string, value: string, fields: MutableFields): void {
  const lower = name.toLowerCase();
  const header = TRACE_HEADERS.find((known) => known === lower);
  if (header !== undefined) readTraceHeader(header, value, fields);
}

function setContext(match: RegExpExecArray | null, fields: MutableFields): void {
  if (match === null) return;
  addTraceId(fields, match[1]!);
  fields.spanId = match[2]!;
  const parent = match[3];
  if (parent !== undefined && !NO_PARENT.test(parent)) fields.parentSpanId = parent;
}

function addTraceId(fields: MutableFields, id: string): void {
  if (fields.traceIds === undefined) fields.traceIds = [id];
  else if (!fields.traceIds.includes(id)) fields.traceIds = [...fields.traceIds, id];
}

/** A list may be spread over several headers of the name (section 3.3.1). */
function addTraceState(fields: MutableFields, value: string): void {
  if (value === '') return;
  const whole = fields.traceState === undefined ? value : `${fields.traceState},${value}`;
  fields.traceState = whole.slice(0, MAX_TRACE_STATE);
}

/** `sample-trace-segment-span-service-…`, joined by hyphens, text in base64. The span is named segment-span. */
function readSkyWalking(value: string, fields: MutableFields): void {
  const parts = value.split('-');
  if (parts.length < 4) return;
  const trace = decodeBase64(parts[1]!);
  const segment = decodeBase64(parts[2]!);
  if (trace === undefined || segment === undefined || !/^[0-9]+$/.test(parts[3]!)) return;
  addTraceId(fields, trace);
  fields.spanId = `${segment}-${parts[3]}`;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** ASCII behind base64; undefined when it is neither. */
function decodeBase64(text: string): string | undefined {
  let decoded = '';
  let bits = 0;
  let held = 0;
  for (const character of text.replace(/=+$/, '')) {
    const digit = BASE64.indexOf(character);
    if (digit < 0) return undefined;
    held = ((held << 6) | digit) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    const byte = (held >> bits) & 0xff;
    if (byte < 0x20 || byte > 0x7e) return undefined;
    decoded += String.fromCharCode(byte);
  }
  return decoded.length > 0 ? decoded : undefined;
}
