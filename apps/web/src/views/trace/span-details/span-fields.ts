import type { AppSpan, KeptAttributes, Span, TcpMetrics } from '@causeway/core';
import type { HostTags, TraceView } from '../../../api/contract';
import { formatDuration } from '../../format/duration';
import { epochNanoseconds, formatInstant, formatZone } from '../../format/instant';
import { formatBytes } from '../../format/quantity';
import { INCOMPLETE } from '../evidence/missing-words';

/** A field of a span, ready to read and to copy. */
export interface SpanField {
  readonly name: string;
  readonly value: string;
  /** Copied instead of `value` where that was rounded. */
  readonly exact?: string;
}

export interface SpanFieldGroup {
  readonly title: string;
  readonly fields: readonly SpanField[];
}

/** What is known of a trace's hosts and times. */
type SpanSurroundings = Pick<TraceView, 'timeOrigin' | 'start' | 'tags' | 'hostNames'>;

/** Everything known of a span, grouped; what is not known is left out. */
export function spanFields(span: Span, view: SpanSurroundings): SpanFieldGroup[] {
  const { timeOrigin, start, tags, hostNames } = view;
  const host = hostNames[span.hostId] ?? span.hostId;
  const app = span.type === 'app' ? span : undefined;
  const own = tags.filter(({ hostId }) => hostId === span.hostId);
  return [
    { title: 'Request', fields: requestFields(span) },
    { title: 'Time', fields: timeFields(span, timeOrigin, start) },
    { title: 'Attributes', fields: attributeFields(app === undefined ? [] : [app.attributes]) },
    { title: 'Process', fields: processFields(span, host) },
    { title: 'Resource', fields: attributeFields(app === undefined ? [] : [app.resourceAttributes]) },
    { title: 'Container', fields: attributeFields(own.map((each) => containerOf(span, each))) },
    { title: 'Labels', fields: attributeFields(own.map(({ labels }) => labels)) },
    { title: 'Connection', fields: connectionFields(span) },
    { title: 'Context', fields: contextFields(span) },
    { title: 'Host', fields: attributeFields(own.map((each) => each.host)) },
  ].filter((group) => group.fields.length > 0);
}

/** An application names its process by another number where it runs in a container, so only the kernel's is looked up. */
function containerOf(span: Span, { groups }: HostTags): KeptAttributes {
  const group = span.type === 'sys' ? groups.find(({ pids }) => pids.includes(span.pid)) : undefined;
  return group?.attributes ?? {};
}

/** Under the names that they were given; of several with one name, the last. */
function attributeFields(maps: readonly (KeptAttributes | undefined)[]): SpanField[] {
  return Object.entries(Object.assign({}, ...maps) as KeptAttributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, value: String(value) }));
}

function requestFields(span: Span): SpanField[] {
  return known([
    ['Protocol', span.version === undefined ? span.protocol : `${span.protocol} ${span.version}`],
    ['Method', span.method],
    ['Endpoint', span.endpoint],
    ['Resource', span.resource],
    ['Domain', span.domain],
    ['Status', span.statusCode === undefined ? span.status : `${span.statusCode} (${span.status.replace('_', ' ')})`],
    ['Exception', span.exception],
    ['Incomplete', span.incomplete && INCOMPLETE[span.incomplete]],
    ['Kind', span.oneway ? 'one-way, no response expected' : undefined],
  ]);
}

function timeFields(span: Span, timeOrigin: string, traceStart: number): SpanField[] {
  const started = epochNanoseconds(timeOrigin, span.start);
  const first = span.firstResponseByte;
  const fields: SpanField[] = [
    { name: 'Started', value: `${formatInstant(started)} ${formatZone(started)}`, exact: String(started) },
    {
      name: 'In the trace',
      value: `+${formatDuration(span.start - traceStart)}`,
      exact: String(span.start - traceStart),
    },
    { name: 'Duration', value: formatDuration(span.end - span.start), exact: String(span.end - span.start) },
  ];
  if (first !== undefined) {
    const [wait, transfer] = [first - span.start, span.end - first];
    fields.push({ name: 'First response byte', value: `after ${formatDuration(wait)}`, exact: String(wait) });
    fields.push({ name: 'Response took', value: formatDuration(transfer), exact: String(transfer) });
  }
  return fields;
}

function processFields(span: Span, host: string): SpanField[] {
  if (span.type === 'app')
    return known([
      ['Service', span.serviceName],
      ['Span name', span.name],
      ['Instance', span.instance],
      ['Process id, as it says', span.pid],
      ['Host', span.hostName ?? host],
    ]);
  if (span.type === 'net')
    return known([
      ['Interface', span.interfaceName],
      ['Host', host],
    ]);
  return known([
    ['Program', span.comm],
    ['Process id', span.pid],
    ['Thread id', span.tid],
    ['Coroutine', span.pseudoThreadId],
    ['Seen at', span.tapSide === 'c-p' ? 'the calling process (c-p)' : 'the serving process (s-p)'],
    ['Host', host],
  ]);
}

function connectionFields(span: Span): SpanField[] {
  if (span.type === 'app') return [];
  const socket = span.type === 'sys' ? span.socket : undefined;
  return known([
    ['Client', `${span.src.address}:${span.src.port}`],
    ['Server', `${span.dst.address}:${span.dst.port}`],
    ['Transport', socket?.transport],
    ['Socket', socket?.id],
    ['Network namespace', socket?.netns],
    ['Opened', socket?.preexisting ? 'before the capture began' : undefined],
    ['Request length', span.requestLength === undefined ? undefined : formatBytes(span.requestLength)],
    ['Response length', span.responseLength === undefined ? undefined : formatBytes(span.responseLength)],
    ['Payload', span.truncated ? 'not captured in full' : undefined],
    ['TCP sequence, request', span.tcpSeqRequest],
    ['TCP sequence, response', span.tcpSeqResponse],
    ...tcpFields(span.tcp),
  ]);
}

/** What went wrong is said only where something did. */
function tcpFields(tcp: TcpMetrics | undefined): readonly Known[] {
  if (tcp === undefined) return [];
  const counted = (count: number) => (count > 0 ? count : undefined);
  return [
    ['Round trip', tcp.rttUs === undefined ? undefined : formatDuration(tcp.rttUs * 1000)],
    ['Retransmissions', counted(tcp.retransmits)],
    ['Out of order', counted(tcp.outOfOrder)],
    ['Zero windows', counted(tcp.zeroWindows)],
    ['Resets', counted(tcp.resets)],
  ];
}

function contextFields(span: Span): SpanField[] {
  const systrace = span.type === 'sys' ? span : undefined;
  return known([
    ['Systrace id, request', systrace?.systraceIdRequest],
    ['Systrace id, response', systrace?.systraceIdResponse],
    ['X-Request-ID in request', span.xRequestIdRequest],
    ['X-Request-ID in response', span.xRequestIdResponse],
    ['Request id', span.requestId],
    ['Trace ids', span.traceIds.length > 0 ? span.traceIds.join(', ') : undefined],
    ['Span id', span.spanId],
    ['Parent span id', span.parentSpanId],
    ['Trace state', span.traceState],
    ...(span.type === 'app' ? reportedFields(span) : []),
    ['Causeway id', span.id],
  ]);
}

/** What an application says beside its attributes. */
function reportedFields({ traceState, reportedLinks = [] }: AppSpan): Known[] {
  return [
    ['Trace state', traceState],
    ...reportedLinks.map(({ traceId, spanId }): Known => ['Links to', `span ${spanId} of trace ${traceId}`]),
  ];
}

type Known = readonly [string, string | number | undefined];

function known(fields: readonly Known[]): SpanField[] {
  return fields.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [{ name, value: String(value) }],
  );
}
