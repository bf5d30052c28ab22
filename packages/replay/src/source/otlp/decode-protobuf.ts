import type {
  AttributeMap,
  AttributeValue,
  ReportedEvent,
  ReportedLink,
  ReportedResourceSpans,
  ReportedScopeSpans,
} from '@causeway/core';
import { type FoundSpan, isSpanId, isTraceId, type ReportedBatch, SpanCollector } from './reported-batch';
import {
  AttributeBuilder,
  base64Text,
  hexText,
  integerValue,
  MAX_EVENTS,
  MAX_LINKS,
  MAX_MEMBERS,
  MAX_TEXT,
  MAX_VALUE_DEPTH,
  NO_ATTRIBUTES,
} from './reported-limits';
import { WireReader } from './wire-reader';

/**
 * An `ExportTraceServiceRequest` or `TracesData`, which have the same bytes; `undefined` when it is malformed. Field numbers:
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto and, of
 * attributes, …/common/v1/common.proto. Unknown fields are skipped.
 *
 *   TracesData     1 ResourceSpans*
 *   ResourceSpans  1 Resource   2 ScopeSpans*   1000 ScopeSpans* (before 0.15)
 *   Resource       1 KeyValue*
 *   ScopeSpans     1 Scope { 1 name  2 version }   2 Span*
 */
export function decodeProtobufTraces(message: Uint8Array): ReportedBatch | undefined {
  const collector = new SpanCollector();
  const resourceSpans: ReportedResourceSpans[] = [];
  const reader = new WireReader(message);
  while (reader.next()) {
    if (reader.field !== 1) continue;
    const found = readResourceSpans(reader.content(), collector);
    if (found === undefined) return undefined;
    if (found.scopeSpans.length > 0) resourceSpans.push(found);
  }
  const { spanCount, rejected } = collector;
  return reader.broken ? undefined : { resourceSpans, spanCount, rejected };
}

function readResourceSpans(message: Uint8Array, collector: SpanCollector): ReportedResourceSpans | undefined {
  let attributes: AttributeMap = NO_ATTRIBUTES;
  const scopeSpans: ReportedScopeSpans[] = [];
  const reader = new WireReader(message);
  while (reader.next()) {
    if (reader.field === 1) {
      const resource = readAttributes(reader.content(), 1);
      if (resource === undefined) return undefined;
      attributes = resource;
    } else if (reader.field === 2 || reader.field === 1000) {
      const found = readScopeSpans(reader.content(), collector);
      if (found === undefined) return undefined;
      if (found.spans.length > 0) scopeSpans.push(found);
    }
  }
  return reader.broken ? undefined : { resource: { attributes }, scopeSpans };
}

function readScopeSpans(message: Uint8Array, collector: SpanCollector): ReportedScopeSpans | undefined {
  let scope: ReportedScopeSpans['scope'] = { name: '' };
  const found: FoundSpan[] = [];
  const reader = new WireReader(message);
  while (reader.next()) {
    if (reader.field === 1) scope = readScope(reader.content());
    if (reader.field !== 2) continue;
    const span = readSpan(reader.content());
    if (span === undefined) return undefined;
    found.push(span);
  }
  return reader.broken ? undefined : { scope, spans: collector.check(found) };
}

function readScope(message: Uint8Array): ReportedScopeSpans['scope'] {
  let name = '';
  let version: string | undefined;
  const reader = new WireReader(message);
  while (reader.next()) {
    if (reader.field === 1) name = reader.text(MAX_TEXT);
    if (reader.field === 2) version = reader.text(MAX_TEXT);
  }
  return { name, ...(version && { version }) };
}

/**
 *   Span  1 trace_id  2 span_id  3 trace_state  4 parent_span_id  5 name  6 kind  7 start (fixed64)  8 end (fixed64)
 *         9 KeyValue*  11 Event*  13 Link*  15 Status { 2 message  3 code }
 */
function readSpan(message: Uint8Array): FoundSpan | undefined {
  const attributes = new AttributeBuilder();
  const events: ReportedEvent[] = [];
  const links: ReportedLink[] = [];
  let [traceId, spanId, parentSpanId, traceState, name] = ['', '', '', '', ''];
  let kind = 0;
  let [startTimeUnixNano, endTimeUnixNano] = [0n, 0n];
  let status: FoundSpan['status'] = { code: 0 };
  const reader = new WireReader(message);
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        traceId = hexText(reader.content().subarray(0, 17));
        break;
      case 2:
        spanId = hexText(reader.content().subarray(0, 9));
        break;
      case 3:
        traceState = reader.text(MAX_TEXT);
        break;
      case 4:
        parentSpanId = hexText(reader.content().subarray(0, 9));
        break;
      case 5:
        name = reader.text(MAX_TEXT);
        break;
      case 6:
        kind = reader.int();
        break;
      case 7:
        startTimeUnixNano = reader.fixed64();
        break;
      case 8:
        endTimeUnixNano = reader.fixed64();
        break;
      case 9:
        readKeyValue(reader.content(), attributes, 0);
        break;
      case 11:
        if (events.length < MAX_EVENTS) events.push(readEvent(reader.content()));
        break;
      case 13: {
        const link = links.length < MAX_LINKS ? readLink(reader.content()) : undefined;
        if (link !== undefined) links.push(link);
        break;
      }
      case 15:
        status = readStatus(reader.content());
        break;
    }
  }
  if (reader.broken) return undefined;
  const ids = { traceId, spanId, parentSpanId, traceState };
  return { ...ids, name, kind, startTimeUnixNano, endTimeUnixNano, attributes: attributes.map, events, links, status };
}

/** `Event  1 time (fixed64)  2 name  3 KeyValue*` */
function readEvent(message: Uint8Array): ReportedEvent {
  let timeUnixNano = 0n;
  let name = '';
  const reader = new WireReader(message);
  while (reader.next()) {
    if (reader.field === 1) timeUnixNano = reader.fixed64();
    if (reader.field === 2) name = reader.text(MAX_TEXT);
  }
  return { timeUnixNano, name, attributes: readAttributes(message, 3) ?? NO_ATTRIBUTES };
}

/** `Link  1 trace_id  2 span_id  4 KeyValue*` */
function readLink(message: Uint8Array): ReportedLink | undefined {
  let [traceId, spanId] = ['', ''];
  const reader = new WireReader(message);
  while (reader.next()) {
    if (reader.field === 1) traceId = hexText(reader.content().subarray(0, 17));
    if (reader.field === 2) spanId = hexText(reader.content().subarray(0, 9));
  }
  if (!isTraceId(traceId) || !isSpanId(spanId)) return undefined;
  return { traceId, spanId, attributes: readAttributes(message, 4) ?? NO_ATTRIBUTES };
}

function readStatus(message: Uint8Array): FoundSpan['status'] {
  let code = 0;
  let text = '';
  const reader = new WireReader(message);
  while (reader.next()) {
    if (reader.field === 2) text = reader.text(MAX_TEXT);
    if (reader.field === 3) code = reader.int();
  }
  return { code, ...(text !== '' && { message: text }) };
}

/** The KeyValues that stand in one field of a message. */
function readAttributes(message: Uint8Array, field: number): AttributeMap | undefined {
  const attributes = new AttributeBuilder();
  const reader = new WireReader(message);
  while (reader.next()) if (reader.field === field) readKeyValue(reader.content(), attributes, 0);
  return reader.broken ? undefined : attributes.map;
}

/** `KeyValue  1 key  2 AnyValue` */
function readKeyValue(message: Uint8Array, into: AttributeBuilder, depth: number): void {
  let key = '';
  let value: AttributeValue | undefined;
  const reader = new WireReader(message);
  while (reader.next()) {
    if (reader.field === 1) key = reader.text(MAX_TEXT);
    if (reader.field === 2) value = readAnyValue(reader.content(), depth);
  }
  into.set(key, value);
}

/** `AnyValue  1 string  2 bool  3 int64  4 double  5 { 1 AnyValue* }  6 { 1 KeyValue* }  7 bytes`; none set = null. */
function readAnyValue(message: Uint8Array, depth: number): AttributeValue | undefined {
  let value: AttributeValue | undefined = null;
  const reader = new WireReader(message);
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        value = reader.text(MAX_TEXT);
        break;
      case 2:
        value = reader.int64() !== 0n;
        break;
      case 3:
        value = integerValue(reader.int64());
        break;
      case 4:
        value = reader.double();
        break;
      case 5:
        value = readList(reader.content(), depth + 1);
        break;
      case 6:
        value = readMap(reader.content(), depth + 1);
        break;
      case 7:
        value = base64Text(reader.content());
        break;
    }
  }
  return reader.broken ? undefined : value;
}

function readList(message: Uint8Array, depth: number): AttributeValue | undefined {
  if (depth > MAX_VALUE_DEPTH) return undefined;
  const list: AttributeValue[] = [];
  const reader = new WireReader(message);
  while (list.length < MAX_MEMBERS && reader.next()) {
    const value = reader.field === 1 ? readAnyValue(reader.content(), depth) : undefined;
    if (value !== undefined) list.push(value);
  }
  return list;
}

function readMap(message: Uint8Array, depth: number): AttributeValue | undefined {
  if (depth > MAX_VALUE_DEPTH) return undefined;
  const members = new AttributeBuilder(MAX_MEMBERS);
  const reader = new WireReader(message);
  while (reader.next()) if (reader.field === 1) readKeyValue(reader.content(), members, depth);
  return members.map;
}
