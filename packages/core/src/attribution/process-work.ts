import type { Nanoseconds, SystraceId } from '../base/brand';
import type { Span, SysSpan } from '../span/span';
import { tokenTable } from './tokens';

/** Requests that are weighed for one call: those that started last. More are open only where many hang. */
const MAX_OPEN = 96;
/** A request may go on calling after its response was sent (a visit noted, a cache filled): so long at most. */
const AFTERWARDS_NS = 2_000_000;
/** The first calls on a connection (greeting, login, what it was made for) belong together, however long they take. */
export const OPENING_CALLS = 3;

/** A request that the process handled: an s-p span. */
export interface Request {
  readonly span: SysSpan;
  readonly start: Nanoseconds;
  /** First byte of the response; infinite = none was seen. */
  readonly answered: number;
  /** It makes no calls later than this. */
  readonly until: number;
  /** Number of its endpoint. */
  readonly kind: number;
  readonly tokens: readonly number[];
  /** Calls that are attributed to it, in the order in which they were sent. */
  calls: Call[];
  /** Its place among the open requests of the call that is being weighed. */
  slot: number;
}

/** A call that the process made: a c-p span. */
export interface Call {
  readonly span: SysSpan;
  readonly start: Nanoseconds;
  /** First byte of the response; infinite = none was seen. */
  readonly answered: number;
  /** Number of its endpoint and of whom it asked. */
  readonly kind: number;
  readonly tokens: readonly number[];
  /** Requests that were open when it was sent, in order of start. */
  readonly open: readonly Request[];
  request: Request | undefined;
  /** Its place on its connection, from 0, as far as it was seen. */
  readonly place: number;
  /** The call before it, and after it, on its connection. */
  readonly previous: Call | undefined;
  next: Call | undefined;
  /** It was sent in the turn that the answer to the call before it opened: the connection had just become free. */
  readonly released: boolean;
  /** Of each open request, as it was last seen: its place in the queue, the agreement of words, their likelihood. */
  readonly turns: Uint8Array;
  readonly contents: Uint8Array;
  readonly anchors: Uint8Array;
  readonly besides: Float64Array;
  /** The best candidate's log-likelihood less the second best's. */
  margin: number;
}

/** What one process was asked and what it asked others. */
export interface ProcessWork {
  readonly requests: readonly Request[];
  readonly calls: readonly Call[];
  /** Endpoints by number of their kind. */
  readonly kindNames: readonly string[];
  readonly tokenNames: readonly string[];
}

/** Spans of the processes that both serve and call: no others have anything to attribute. */
export function servingProcesses(spans: Iterable<Span>): SysSpan[][] {
  const processes = new Map<string, { readonly spans: SysSpan[]; serves: boolean; calls: boolean }>();
  let lastHost = '';
  let lastPid = -1;
  let last: ReturnType<typeof processes.get>;
  for (const span of spans) {
    if (span.type !== 'sys' || span.messageType === 'response') continue;
    if (last === undefined || span.pid !== lastPid || span.hostId !== lastHost) {
      lastHost = span.hostId;
      lastPid = span.pid;
      const name = `${lastPid} ${lastHost}`;
      last = processes.get(name);
      if (last === undefined) {
        last = { spans: [], serves: false, calls: false };
        processes.set(name, last);
      }
    }
    last.spans.push(span);
    if (span.tapSide === 's-p') last.serves = true;
    else last.calls = true;
  }
  return [...processes.values()].filter(({ serves, calls }) => serves && calls).map((process) => process.spans);
}

/** By time, then by place in the stream: what one read or write moved at once keeps its order. */
export function compareSent(a: SysSpan, b: SysSpan): number {
  return a.start - b.start || seqDistance(a.tcpSeqRequest, b.tcpSeqRequest) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Sequence numbers come round: the shorter way tells which is first. */
export const seqDistance = (a: number | undefined, b: number | undefined): number =>
  a === undefined || b === undefined ? 0 : (a - b) | 0;

/** Lays one process's spans out for attribution. */
export function processWork(spans: readonly SysSpan[]): ProcessWork {
  const sorted = spans.toSorted(compareSent);
  const tokens = tokenTable(sorted);
  const kinds = new Map<string, number>();
  const kindNames: string[] = [];
  const kindOf = (name: string, { endpoint, method, protocol }: SysSpan) => {
    let kind = kinds.get(name);
    if (kind === undefined) {
      kind = kindNames.push(endpoint ?? method ?? protocol) - 1;
      kinds.set(name, kind);
    }
    return kind;
  };
  const nextOnSocket = startsOfNext(sorted);
  const lastOnSocket = new Map<string, Call>();
  const requests: Request[] = [];
  const calls: Call[] = [];
  let open: Request[] = [];
  sorted.forEach((span, i) => {
    const answered = span.messageType === 'session' ? (span.firstResponseByte ?? span.end) : Number.POSITIVE_INFINITY;
    if (span.tapSide === 's-p') {
      const until = (span.messageType === 'session' ? span.end : (nextOnSocket.get(span) ?? Infinity)) + AFTERWARDS_NS;
      const kind = kindOf(`s ${span.protocol} ${span.method ?? ''} ${span.endpoint ?? ''}`, span);
      const request = { span, start: span.start, answered, until, kind, tokens: tokens.lists[i]!, calls: [], slot: -1 };
      requests.push(request);
      open.push(request);
    } else {
      const { start } = span;
      if (open.some(({ until }) => until < start)) open = open.filter(({ until }) => until >= start);
      const to = `${span.dst.address} ${span.dst.port}`;
      const kind = kindOf(`c ${span.protocol} ${span.method ?? ''} ${span.endpoint ?? ''} ${to}`, span);
      const previous = lastOnSocket.get(span.socket.id);
      const place = previous === undefined ? 0 : previous.place + 1;
      const nearest = nearestOf(
        previous !== undefined && place < OPENING_CALLS ? joined(previous.open, open) : open,
        start,
      );
      const call: Call = {
        ...{ span, start, answered, kind, tokens: tokens.lists[i]!, open: nearest, request: undefined, margin: 0 },
        ...{ place, previous, next: undefined, released: place >= OPENING_CALLS && isReleased(span, previous) },
        turns: new Uint8Array(nearest.length),
        contents: new Uint8Array(nearest.length),
        anchors: new Uint8Array(nearest.length),
        besides: new Float64Array(nearest.length),
      };
      if (previous !== undefined) previous.next = call;
      lastOnSocket.set(span.socket.id, call);
      calls.push(call);
    }
  });
  return { requests, calls, kindNames, tokenNames: tokens.names };
}

/** Those that were open for the call before as well: both lists are in order of start. */
function joined(before: readonly Request[], open: readonly Request[]): readonly Request[] {
  const known = new Set(open);
  const over = before.filter((request) => !known.has(request));
  return over.length === 0 ? open : [...over, ...open].sort((a, b) => compareSent(a.span, b.span));
}

/** The open requests, or of too many those that came last; a request that is over counts less than one that is not. */
function nearestOf(open: readonly Request[], time: number): readonly Request[] {
  if (open.length <= MAX_OPEN) return [...open];
  const unanswered = open.filter(({ answered }) => answered > time).slice(-MAX_OPEN);
  const over = open.filter(({ answered }) => answered <= time);
  const kept = new Set([
    ...unanswered,
    ...(unanswered.length < MAX_OPEN ? over.slice(unanswered.length - MAX_OPEN) : []),
  ]);
  return open.filter((request) => kept.has(request));
}

const isReleased = ({ systraceIdRequest: id }: SysSpan, previous: Call | undefined) =>
  previous !== undefined && id !== undefined && previous.span.systraceIdResponse === id;

/** When the socket of an unanswered request brought the next one: by then it had been given up. */
function startsOfNext(sorted: readonly SysSpan[]): Map<SysSpan, number> {
  const next = new Map<SysSpan, number>();
  const starts = new Map<string, number>();
  for (let i = sorted.length - 1; i >= 0; i -= 1) {
    const span = sorted[i]!;
    if (span.tapSide !== 's-p') continue;
    const after = starts.get(span.socket.id);
    if (after !== undefined && span.messageType === 'request') next.set(span, after);
    starts.set(span.socket.id, span.start);
  }
  return next;
}

/**
 * Each thread handles one request at a time, from its first byte to its answer, and makes its calls itself: then the
 * systrace ids tell all, and there is nothing to reason about. A call after the answer, in its very turn, is not so clear.
 */
export function isThreadPerRequest(spans: readonly SysSpan[]): boolean {
  const sorted = spans.toSorted(compareSent);
  const busyUntil = new Map<number, number>();
  const responseTurns = new Set<SystraceId | undefined>();
  let anyUntil = Number.NEGATIVE_INFINITY;
  for (const span of sorted) {
    const busy = busyUntil.get(span.tid) ?? Number.NEGATIVE_INFINITY;
    if (span.tapSide === 's-p') {
      if (busy > span.start) return false;
      if (span.responseTid !== undefined && span.responseTid !== span.tid) return false;
      const until = span.messageType === 'session' ? (span.firstResponseByte ?? span.end) : span.start;
      busyUntil.set(span.tid, until);
      anyUntil = Math.max(anyUntil, until);
      responseTurns.add(span.systraceIdResponse);
    } else if (busy < span.start && (anyUntil >= span.start || responseTurns.has(span.systraceIdRequest))) return false;
  }
  return true;
}
