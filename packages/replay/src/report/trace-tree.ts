import type { AssembledTrace, EvidenceField, ParentLink, Span, SpanId, TimeOrigin } from '@causeway/core';
import { alignColumns, cut, oneLine } from './columns-text';
import { endpointText } from './endpoint-text';
import { countOf, dateTimeText, durationText } from './time-text';

export interface TraceTreeOptions {
  readonly origin: TimeOrigin;
  /** Name of a rule, as in the rules table. */
  ruleName(rule: ParentLink['rule']): string;
  /** Spans of other traces, which span links lead to. */
  spanOf?(id: SpanId): Span | undefined;
}

const MAX_LINE = 165;
/** Widest text of what a capture can make as long as it likes. */
const MAX_INDENT = 30;
const MAX_PLACE = 26;
const MAX_REQUEST = 30;
const MAX_STATUS = 20;
const MAX_SPAN_LINKS = 16;

/** Short names of what a rule compared. */
const FIELD_TEXT: Readonly<Record<EvidenceField, string>> = {
  systraceIdRequest: 'systrace.req',
  systraceIdResponse: 'systrace.res',
  pseudoThreadId: 'pseudo-thread',
  xRequestIdRequest: 'x-request-id.req',
  xRequestIdResponse: 'x-request-id.res',
  tcpSeqRequest: 'seq.req',
  tcpSeqResponse: 'seq.res',
  traceIds: 'trace-id',
  spanId: 'span-id',
  parentSpanId: 'parent-span-id',
  requestId: 'request-id',
  socket: 'socket',
  src: 'src',
  dst: 'dst',
  resource: 'resource',
  queueMessages: 'queue',
  systraceIdConnect: 'systrace.connect',
  attribution: 'attributed',
};

/** Fields of which there is one for the request and one for the response. */
const PAIRS = [
  { name: 'systrace', request: 'systraceIdRequest', response: 'systraceIdResponse' },
  { name: 'seq', request: 'tcpSeqRequest', response: 'tcpSeqResponse' },
  { name: 'x-request-id', request: 'xRequestIdRequest', response: 'xRequestIdResponse' },
] as const satisfies readonly {
  readonly name: string;
  readonly request: EvidenceField;
  readonly response: EvidenceField;
}[];

/**
 * A trace as an indented tree, a line for each span: place, process, protocol, request, status, duration, offset from
 * the root's start, and the rule that hung it there with the values it found equal. `!` marks what failed.
 *
 *   GET /users/7  4.81 ms  3 spans  2026-01-02 03:04:05.000100 UTC
 *   s-p nginx/812       http   GET /users/7  200  4.81 ms  +0 ns
 *   └─ c-p nginx/812    http   GET /users/7  200  4.50 ms  +112 µs  R05 systrace-same-side   systrace.req=17
 *      └─ s-p node/900  http   GET /users/7  200  4.31 ms  +190 µs  R11 server-under-client  seq=811/29
 */
export function renderTraceTree(trace: AssembledTrace, options: TraceTreeOptions): string {
  const children = childrenOf(trace);
  const rows: string[][] = [];
  const byId = new Map(trace.spans.map((span) => [span.id, span]));

  // A loop, not recursion: a trace may be deeper than the stack.
  const pending: { id: SpanId; before: string; below: string }[] = [{ id: trace.root, before: '', below: '' }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const span = byId.get(next.id);
    if (span === undefined) continue;
    rows.push(row(span, next.before, trace, options));
    const below = children.get(span.id) ?? [];
    for (let i = below.length - 1; i >= 0; i--) {
      const last = i === below.length - 1;
      pending.push({
        id: below[i]!,
        before: next.below + (last ? '└─ ' : '├─ '),
        below: next.below + (last ? '   ' : '│  '),
      });
    }
  }
  const lines = alignColumns(rows, [4, 5]).map((line) => cut(line, MAX_LINE));
  const spanOf = (id: SpanId) => byId.get(id) ?? options.spanOf?.(id);
  return [
    title(trace, byId.get(trace.root), options),
    ...lines,
    ...spanLinkLines(trace, spanOf, options),
    ...remarks(trace),
  ].join('\n');
}

function childrenOf(trace: AssembledTrace): Map<SpanId, SpanId[]> {
  const children = new Map<SpanId, SpanId[]>();
  for (const { id } of trace.spans) {
    const parent = trace.links.get(id)?.parent;
    if (parent === undefined) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [id]);
    else siblings.push(id);
  }
  return children;
}

function title(trace: AssembledTrace, root: Span | undefined, { origin }: TraceTreeOptions): string {
  const what = root === undefined ? trace.root : requestText(root);
  const when = dateTimeText(origin + BigInt(Math.round(trace.start)));
  return [what, durationText(trace.end - trace.start), countOf(trace.spans.length, 'span'), when].join('  ');
}

function row(span: Span, before: string, trace: AssembledTrace, options: TraceTreeOptions): string[] {
  const link = trace.links.get(span.id);
  return [
    indentText(before) + cut(`${span.tapSide} ${placeText(span)}`, MAX_PLACE),
    span.type === 'sys' && span.tls ? `${span.protocol}/tls` : span.protocol,
    requestText(span),
    statusText(span),
    durationText(span.end - span.start),
    `+${durationText(span.start - trace.start)}`,
    link === undefined ? '' : `${link.rule} ${options.ruleName(link.rule)}`,
    link === undefined ? '' : matchedText(link),
  ];
}

/** Of a deep indentation the innermost part. */
function indentText(before: string): string {
  return before.length <= MAX_INDENT ? before : `…${before.slice(1 - MAX_INDENT)}`;
}

export function placeText(span: Span): string {
  switch (span.type) {
    case 'sys':
      return `${oneLine(span.comm)}/${span.pid}`;
    case 'net':
      return oneLine(span.interfaceName);
    case 'app':
      return oneLine(span.serviceName);
  }
}

/** `GET /users/7`; what the server answered when the request was not seen; else where it went. */
export function requestText(span: Span): string {
  const resource = span.resource ?? span.endpoint;
  // SQL and Redis repeat the method at the head of the resource.
  const repeats = span.method !== undefined && resource?.toUpperCase().startsWith(span.method.toUpperCase()) === true;
  const text = [repeats ? undefined : span.method, resource].filter((part) => part !== undefined && part !== '');
  if (text.length > 0) return cut(oneLine(text.join(' ')), MAX_REQUEST);
  return span.type === 'app' ? '' : `to ${endpointText(span.dst)}`;
}

function statusText(span: Span): string {
  const failed = span.status === 'client_error' || span.status === 'server_error';
  const code = span.statusCode === undefined ? undefined : oneLine(String(span.statusCode));
  const words = [
    failed ? '!' : undefined,
    code ?? (span.status === 'unknown' ? undefined : span.status.replace('_', ' ')),
    span.oneway ? 'one-way' : undefined,
    span.incomplete?.replaceAll('-', ' '),
  ];
  return cut(words.filter((word) => word !== undefined).join(' '), MAX_STATUS);
}

/** `seq=811/29` when those of request and response are both equal, else each with the fields that hold it. */
export function matchedText({
  evidence,
  strength,
  probability,
}: Pick<ParentLink, 'evidence' | 'strength' | 'probability'>): string {
  const equal = new Map(evidence.matched.filter((m) => m.child === m.parent).map((m) => [m.child, oneLine(m.value)]));
  const values: string[] = [];
  for (const { name, request, response } of PAIRS) {
    if (!equal.has(request) || !equal.has(response)) continue;
    values.push(`${name}=${equal.get(request)}/${equal.get(response)}`);
    equal.delete(request);
    equal.delete(response);
  }
  for (const [field, value] of equal) values.push(`${FIELD_TEXT[field]}=${value}`);
  for (const { child, parent, value } of evidence.matched) {
    if (child !== parent) values.push(`${crossText(child, parent)}=${oneLine(value)}`);
  }
  if (strength !== 'exact') {
    values.push(probability === undefined ? `(${strength})` : `(${strength} ${probability.toFixed(2)})`);
  }
  return values.join(' ');
}

/** `systrace.req→res`: the child's request against the parent's response. */
function crossText(child: EvidenceField, parent: EvidenceField): string {
  for (const { name, request, response } of PAIRS) {
    if (child === request && parent === response) return `${name}.req→res`;
    if (child === response && parent === request) return `${name}.res→req`;
  }
  return `${FIELD_TEXT[child]}→${FIELD_TEXT[parent]}`;
}

/** `⇢ c-p mail/9 orders-0  from c-p shop/7 orders-0  X05 message-queue-link  queue=position:…`: the consumer first. */
function spanLinkLines(
  { spanLinks }: AssembledTrace,
  spanOf: (id: SpanId) => Span | undefined,
  { ruleName }: TraceTreeOptions,
): string[] {
  const endText = (id: SpanId) => {
    const span = spanOf(id);
    return span === undefined ? id : `${cut(`${span.tapSide} ${placeText(span)}`, MAX_PLACE)} ${requestText(span)}`;
  };
  const rows = spanLinks
    .slice(0, MAX_SPAN_LINKS)
    .map((link) => [
      `⇢ ${endText(link.to)}`,
      `from ${endText(link.from)}`,
      `${link.rule} ${ruleName(link.rule)}`,
      matchedText(link),
    ]);
  const more = spanLinks.length - rows.length;
  return [...alignColumns(rows).map((line) => cut(line, MAX_LINE)), ...(more > 0 ? [`⇢ … and ${more} more`] : [])];
}

function remarks(trace: AssembledTrace): string[] {
  const lines: string[] = [];
  if (trace.pruned.length > 0) {
    lines.push(`(${countOf(trace.pruned.length, 'related span')} not reached from this root: see the other traces)`);
  }
  if (trace.roundsExhausted)
    lines.push(`(the search stopped after ${countOf(trace.rounds.length, 'round')} with keys left)`);
  return lines;
}
