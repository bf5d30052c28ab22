import type { SpanId } from '../base/brand';
import type { Endpoint } from '../event/event-block';
import type { Span, SysSpan } from '../span/span';
import { type InBandContext, readContext } from './in-band-context';

/**
 * What the in-band context says of a span's parent.
 * `parent`: this one. `outside`: none of the capture; only a parent of another trace would be wrong. `ambiguous`: one of
 * these, as the same trace was in the process several times and the context does not say for which a call was made.
 */
export type TrueParent =
  | { readonly kind: 'parent'; readonly parent: SpanId }
  | { readonly kind: 'outside' }
  | { readonly kind: 'ambiguous'; readonly among: readonly SpanId[] };

export interface Truth {
  /** Only for system spans that carry context. */
  readonly parents: ReadonlyMap<SpanId, TrueParent>;
  readonly contexts: ReadonlyMap<SpanId, InBandContext>;
}

interface Told {
  readonly span: SysSpan;
  readonly context: InBandContext;
}

/**
 * The truth of a capture whose programs hand context on.
 * - Between processes: an s-p span hangs under the c-p span with its span id at the other end of its connection.
 * - Within a process: a c-p span hangs under the s-p span that brought its span id (a proxy that passes it on), else under
 *   the one that brought the id which it names as its parent, else under the only one of its trace.
 */
export function trueParents(spans: readonly Span[]): Truth {
  const contexts = new Map<SpanId, InBandContext>();
  const callers = new Map<string, Told[]>();
  const servers = new Map<string, Told[]>();
  const told: Told[] = [];
  for (const span of spans) {
    const context = span.type === 'sys' ? readContext(span) : undefined;
    if (span.type !== 'sys' || context === undefined) continue;
    const entry = { span, context };
    told.push(entry);
    contexts.set(span.id, context);
    for (const trace of context.traceIds) {
      if (span.tapSide === 'c-p') put(callers, `${trace} ${context.spanId}`, entry);
      else put(servers, inProcess(trace, span), entry);
    }
  }
  const parents = new Map<SpanId, TrueParent>();
  for (const { span, context } of told) {
    const of = (table: ReadonlyMap<string, readonly Told[]>, key: (trace: string) => string) => [
      ...new Set(context.traceIds.flatMap((trace) => table.get(key(trace)) ?? [])),
    ];
    const found =
      span.tapSide === 's-p'
        ? callsBehind(
            span,
            of(callers, (trace) => `${trace} ${context.spanId}`),
          )
        : requestsBehind(
            span,
            context,
            of(servers, (trace) => inProcess(trace, span)),
          );
    parents.set(span.id, verdict(found));
  }
  return { parents, contexts };
}

/** The requests of its own process for which a call may have been made: the fewest that the context allows. */
function requestsBehind(call: SysSpan, context: InBandContext, requests: readonly Told[]): readonly Told[] {
  const withId = (id: string | undefined) => requests.filter((request) => request.context.spanId === id);
  const passedOn = withId(context.spanId);
  if (passedOn.length > 0) return openAt(call, passedOn);
  if (context.parentSpanId !== undefined) return openAt(call, withId(context.parentSpanId));
  return openAt(
    call,
    requests.filter((request) => request.span.start <= call.start),
  );
}

/** Of several requests those that were in hand when the call was made; all, if none was. */
function openAt({ start }: SysSpan, requests: readonly Told[]): readonly Told[] {
  if (requests.length < 2) return requests;
  const open = requests.filter(({ span }) => span.start <= start && span.end >= start);
  return open.length > 0 ? open : requests;
}

/** The calls whose other end a request is. One header sent twice over a connection is told apart by its first byte. */
function callsBehind(request: SysSpan, calls: readonly Told[]): readonly Told[] {
  const onConnection = calls.filter(({ span }) => isOtherEnd(request, span));
  if (onConnection.length < 2 || request.tcpSeqRequest === undefined) return onConnection;
  return onConnection.filter(({ span }) => span.tcpSeqRequest === request.tcpSeqRequest);
}

function verdict(found: readonly Told[]): TrueParent {
  const [first] = found;
  if (first === undefined) return { kind: 'outside' };
  if (found.length === 1) return { kind: 'parent', parent: first.span.id };
  return { kind: 'ambiguous', among: found.map(({ span }) => span.id) };
}

const isOtherEnd = (server: SysSpan, client: SysSpan) =>
  same(server.src, client.src) && same(server.dst, client.dst) && server.protocol === client.protocol;

const same = (a: Endpoint, b: Endpoint) => a.address === b.address && a.port === b.port;

const inProcess = (trace: string, span: SysSpan) => `${trace} ${span.hostId} ${span.pid}`;

function put(table: Map<string, Told[]>, key: string, entry: Told): void {
  const list = table.get(key);
  if (list === undefined) table.set(key, [entry]);
  else list.push(entry);
}
