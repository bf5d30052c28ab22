import type {
  AttributeMap,
  AttributeValue,
  ReportedEvent,
  ReportedLink,
  ReportedResourceSpans,
  ReportedScopeSpans,
  ReportedSpan,
} from '@causeway/core';
import { Extension, isMap, type PayloadMap, type PayloadValue } from './payload-decoding';
import { asUint64, integer, maps, string, submap, uint64 } from './payload-fields';
import type { ThirdPartySpans } from './payloads';

/** The payload of frame kind 6. Throws BadPayload. */
export function parseThirdPartySpans(map: PayloadMap): ThirdPartySpans {
  return { resourceSpans: maps(map, 'resourceSpans').map(parseResourceSpans) };
}

function parseResourceSpans(map: PayloadMap): ReportedResourceSpans {
  return {
    resource: { attributes: parseAttributes(submap(map, 'resource')) },
    scopeSpans: maps(map, 'scopeSpans').map(parseScopeSpans),
  };
}

function parseScopeSpans(map: PayloadMap): ReportedScopeSpans {
  const scope = submap(map, 'scope');
  return {
    scope: { name: string(scope, 'name', ''), ...('version' in scope && { version: string(scope, 'version') }) },
    spans: maps(map, 'spans').map(parseSpan),
  };
}

function parseSpan(map: PayloadMap): ReportedSpan {
  const status = submap(map, 'status');
  return {
    traceId: string(map, 'traceId'),
    spanId: string(map, 'spanId'),
    ...('parentSpanId' in map && { parentSpanId: string(map, 'parentSpanId') }),
    ...('traceState' in map && { traceState: string(map, 'traceState') }),
    name: string(map, 'name', ''),
    kind: integer(map, 'kind', 0),
    startTimeUnixNano: uint64(map, 'startTimeUnixNano'),
    endTimeUnixNano: uint64(map, 'endTimeUnixNano'),
    attributes: parseAttributes(map),
    events: maps(map, 'events').map(parseEvent),
    links: maps(map, 'links').map(parseLink),
    status: { code: integer(status, 'code', 0), ...('message' in status && { message: string(status, 'message') }) },
  };
}

function parseEvent(map: PayloadMap): ReportedEvent {
  return {
    timeUnixNano: asUint64(map.timeUnixNano ?? 0, 'timeUnixNano'),
    name: string(map, 'name', ''),
    attributes: parseAttributes(map),
  };
}

function parseLink(map: PayloadMap): ReportedLink {
  return { traceId: string(map, 'traceId'), spanId: string(map, 'spanId'), attributes: parseAttributes(map) };
}

function parseAttributes(map: PayloadMap): AttributeMap {
  return attributeMap(submap(map, 'attributes'));
}

function attributeMap(map: PayloadMap): AttributeMap {
  const attributes: Record<string, AttributeValue> = Object.create(null);
  for (const [key, value] of Object.entries(map)) attributes[key] = attributeValue(value);
  return attributes;
}

/** Types that attributes do not have are null. The payload's own limit of depth bounds this one. */
function attributeValue(value: PayloadValue): AttributeValue {
  if (value instanceof Uint8Array || value instanceof Extension) return null;
  if (Array.isArray(value)) return (value as readonly PayloadValue[]).map(attributeValue);
  return isMap(value) ? attributeMap(value) : (value as Exclude<PayloadValue, object>);
}
