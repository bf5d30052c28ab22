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
  cutText,
  hexText,
  integerValue,
  MAX_EVENTS,
  MAX_LINKS,
  MAX_MEMBERS,
  MAX_VALUE_DEPTH,
} from './reported-limits';

type Json = Readonly<Record<string, unknown>>;

/** Names of kinds and codes, which protobuf's own JSON writes instead of numbers. */
const SPAN_KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map((n) => `SPAN_KIND_${n}`);
const STATUS_CODES = ['UNSET', 'OK', 'ERROR'].map((name) => `STATUS_CODE_${name}`);

/**
 * An `ExportTraceServiceRequest` or `TracesData` in OTLP's JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 * (camelCase, ids in hex, 64-bit integers as text, enums as numbers). What the collector and older libraries write instead is
 * read as well: snake_case, numbers, names of enums, ids in base64. `undefined` when the value is no OTLP of any signal.
 */
export function decodeJsonTraces(value: unknown): ReportedBatch | undefined {
  if (!isObject(value) || !isSignal(value)) return undefined;
  const collector = new SpanCollector();
  const resourceSpans: ReportedResourceSpans[] = [];
  for (const entry of objects(value, 'resourceSpans')) {
    const scopeSpans: ReportedScopeSpans[] = [];
    for (const scoped of [...objects(entry, 'scopeSpans'), ...objects(entry, 'instrumentationLibrarySpans')]) {
      const spans = collector.check(objects(scoped, 'spans').map(readSpan));
      if (spans.length > 0) scopeSpans.push({ scope: readScope(scoped), spans });
    }
    const attributes = readAttributes(object(entry, 'resource'));
    if (scopeSpans.length > 0) resourceSpans.push({ resource: { attributes }, scopeSpans });
  }
  const { spanCount, rejected } = collector;
  return { resourceSpans, spanCount, rejected };
}

/** Spans, or another signal that a collector writes into the same file. */
function isSignal(value: Json): boolean {
  return ['resourceSpans', 'resourceMetrics', 'resourceLogs'].some((name) => Array.isArray(member(value, name)));
}

function readScope(scoped: Json): ReportedScopeSpans['scope'] {
  const scope = object(scoped, 'scope') ?? object(scoped, 'instrumentationLibrary') ?? {};
  const version = text(scope, 'version');
  return { name: text(scope, 'name'), ...(version !== '' && { version }) };
}

function readSpan(span: Json): FoundSpan {
  const status = object(span, 'status') ?? {};
  const message = text(status, 'message');
  return {
    traceId: id(span, 'traceId', 16),
    spanId: id(span, 'spanId', 8),
    parentSpanId: id(span, 'parentSpanId', 8),
    traceState: text(span, 'traceState'),
    name: text(span, 'name'),
    kind: enumValue(member(span, 'kind'), SPAN_KINDS),
    startTimeUnixNano: integer(member(span, 'startTimeUnixNano')) ?? 0n,
    endTimeUnixNano: integer(member(span, 'endTimeUnixNano')) ?? 0n,
    attributes: readAttributes(span),
    events: objects(span, 'events').slice(0, MAX_EVENTS).map(readEvent),
    links: objects(span, 'links').slice(0, MAX_LINKS).map(readLink).filter(isValidLink),
    status: { code: enumValue(member(status, 'code'), STATUS_CODES), ...(message !== '' && { message }) },
  };
}

function readEvent(event: Json): ReportedEvent {
  const timeUnixNano = integer(member(event, 'timeUnixNano')) ?? 0n;
  return { timeUnixNano, name: text(event, 'name'), attributes: readAttributes(event) };
}

function readLink(link: Json): ReportedLink {
  return { traceId: id(link, 'traceId', 16), spanId: id(link, 'spanId', 8), attributes: readAttributes(link) };
}

const isValidLink = ({ traceId, spanId }: ReportedLink) => isTraceId(traceId) && isSpanId(spanId);

function readAttributes(holder: Json | undefined): AttributeMap {
  const attributes = new AttributeBuilder();
  for (const entry of holder === undefined ? [] : objects(holder, 'attributes')) {
    attributes.set(text(entry, 'key'), anyValue(member(entry, 'value'), 0));
  }
  return attributes.map;
}

/** `{"stringValue": "a"}` and so on; an empty value is null. */
function anyValue(value: unknown, depth: number): AttributeValue | undefined {
  if (!isObject(value) || depth > MAX_VALUE_DEPTH) return undefined;
  const string = member(value, 'stringValue') ?? member(value, 'bytesValue');
  if (typeof string === 'string') return cutText(string);
  const boolean = member(value, 'boolValue');
  if (typeof boolean === 'boolean') return boolean;
  const whole = integer(member(value, 'intValue'));
  if (whole !== undefined) return integerValue(whole);
  const double = member(value, 'doubleValue');
  if (double !== undefined) return doubleValue(double);
  const list = object(value, 'arrayValue');
  if (list !== undefined) {
    const members = objects(list, 'values').slice(0, MAX_MEMBERS);
    return members.map((each) => anyValue(each, depth + 1)).filter((each) => each !== undefined);
  }
  const map = object(value, 'kvlistValue');
  if (map === undefined) return null;
  const members = new AttributeBuilder(MAX_MEMBERS);
  for (const entry of objects(map, 'values')) {
    members.set(text(entry, 'key'), anyValue(member(entry, 'value'), depth + 1));
  }
  return members.map;
}

/** `"NaN"`, `"Infinity"` and `"-Infinity"` are text. */
function doubleValue(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' ? number : undefined;
}

/** A member by its name in camelCase or in snake_case. */
function member(holder: Json, name: string): unknown {
  if (Object.hasOwn(holder, name)) return holder[name];
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.hasOwn(holder, snake) ? holder[snake] : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function object(holder: Json, name: string): Json | undefined {
  const value = member(holder, name);
  return isObject(value) ? value : undefined;
}

function objects(holder: Json, name: string): Json[] {
  const value = member(holder, name);
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function text(holder: Json, name: string): string {
  const value = member(holder, name);
  return typeof value === 'string' ? cutText(value) : '';
}

/** Numbers beyond 2⁵³ lost their last digits when the JSON was read; OTLP writes 64-bit integers as text for that reason. */
function integer(value: unknown): bigint | undefined {
  const digits = typeof value === 'string' && /^-?[0-9]{1,20}$/.test(value);
  if (!digits && !Number.isInteger(value)) return undefined;
  const whole = BigInt(value as string | number);
  return BigInt.asIntN(64, whole) === whole ? whole : undefined;
}

function enumValue(value: unknown, names: readonly string[]): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? Math.max(0, names.indexOf(value)) : 0;
}

const BASE64_ID = { 8: /^[A-Za-z0-9+/]{11}=$/, 16: /^[A-Za-z0-9+/]{22}==$/ } as const;

/** Lower-case hex of an id in hex or, as protobuf's own JSON writes bytes, in base64: their lengths tell them apart. */
function id(holder: Json, name: string, bytes: 8 | 16): string {
  const value = text(holder, name);
  if (value.length === 2 * bytes) return value.toLowerCase();
  if (!BASE64_ID[bytes].test(value)) return '';
  return hexText(Uint8Array.from(atob(value), (character) => character.charCodeAt(0)));
}
