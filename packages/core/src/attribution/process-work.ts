import type { Nanoseconds, SystraceId } from '../base/brand';
import type { LoopMoment, Span, SysSpan } from '../span/span';
import { compareSent, isReleased, type Outgoing, outgoing } from './outgoing';
import { tokenTable } from './tokens';

/** Requests that are weighed for one call: those that started last. More are open only where many hang. */
const MAX_OPEN = 96;
/** A request may go on calling after its response was sent (a visit noted, a cache filled): so long at most. */
const AFTERWARDS_NS = 2_000_000;
/** Of a one-way message nobody sees when the work on it ends: it is looked for so long, among so many that came last. */
const ONEWAY_NS = 10_000_000_000;
const MAX_ONEWAY = 1024;
/** The first calls on a connection (greeting, login, what it was made for) belong together, however long they take. */
export const OPENING_CALLS = 3;

/** How a connection came to a call: it was made for it, freed in this very turn of the thread, some turns of the loop ago, or long ago. */
export const FREED = ['made', 'same-turn', 'same-loop', 'next-loop', 'second-loop', 'third-loop', 'idle'] as const;
const [MADE, IN_TURN, IN_LOOP, IDLE] = [0, 1, 2, FREED.length - 1];

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

/** A call that the process made: a c-p span, or all those of a connection that was made for one purpose. */
export interface Call {
  /** The first. */
  readonly span: SysSpan;
  readonly spans: readonly SysSpan[];
  /** The one that was answered last. */
  readonly last: SysSpan;
  /** When it was decided to send it: the connection may have had to be made first. */
  readonly start: number;
  readonly asked: LoopMoment;
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
  /** How recently the connection had become free: a place in FREED. */
  readonly freed: number;
  /** When its connection ended, if it was the last on it. */
  readonly ended: LoopMoment | undefined;
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

/** Lays one process's spans out for attribution. */
export function processWork(spans: readonly SysSpan[]): ProcessWork {
  const sorted = spans.toSorted(compareSent);
  const table = tokenTable(sorted, (span) => `${span.tapSide} ${nameOf(span)}`);
  const tokens = new Map(sorted.map((span, i) => [span, table.lists[i]!]));
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
  const requests = sorted
    .filter(({ tapSide }) => tapSide === 's-p')
    .map((span): Request => {
      const { start, oneway, messageType, end } = span;
      const over = oneway ? start + ONEWAY_NS : messageType === 'session' ? end : (nextOnSocket.get(span) ?? Infinity);
      const until = over + AFTERWARDS_NS;
      const kind = kindOf(`s ${nameOf(span)}`, span);
      return { span, start, answered: answeredAt(span), until, kind, tokens: tokens.get(span)!, calls: [], slot: -1 };
    });
  const openRequests = new OpenRequests(requests);
  const callOf = new Map<Outgoing | undefined, Call>();
  const calls: Call[] = [];
  for (const each of outgoing(sorted.filter(({ tapSide }) => tapSide === 'c-p'))) {
    const { spans: own, asked, ended } = each;
    const span = own[0]!;
    const last = own.findLast(({ messageType }) => messageType === 'session') ?? span;
    const previous = callOf.get(each.previous);
    const place = previous === undefined ? 0 : previous.place + 1;
    const to = `${span.dst.address} ${span.dst.port}`;
    // Whoever comes before the connection is there may get it as well.
    const open = own.length > 1 ? openRequests.at(asked.time) : openRequests.at(asked.time, span.start);
    const words = own.length === 1 ? tokens.get(span)! : [...new Set(own.flatMap((one) => tokens.get(one)!))];
    const nearest = nearestOf(
      previous !== undefined && place < OPENING_CALLS ? joined(previous.open, open) : open,
      asked.time,
      words,
    );
    const call: Call = {
      ...{ span, spans: own, last, start: asked.time, answered: answeredAt(last), asked, ended, open: nearest },
      ...{ kind: kindOf(`c ${own.map(nameOf).join(', ')} ${to}`, last), request: undefined, margin: 0 },
      tokens: words,
      ...{ place, previous, next: undefined, freed: freedBefore(span, previous) },
      released: place >= OPENING_CALLS && previous !== undefined && isReleased(span, previous.last),
      turns: new Uint8Array(nearest.length),
      contents: new Uint8Array(nearest.length),
      anchors: new Uint8Array(nearest.length),
      besides: new Float64Array(nearest.length),
    };
    if (previous !== undefined) previous.next = call;
    callOf.set(each, call);
    calls.push(call);
  }
  return { requests, calls, kindNames, tokenNames: table.names };
}

const nameOf = ({ protocol, method, endpoint }: SysSpan) => `${protocol} ${method ?? ''} ${endpoint ?? ''}`;

const answeredAt = ({ messageType, firstResponseByte, end }: SysSpan): number =>
  messageType === 'session' ? (firstResponseByte ?? end) : Number.POSITIVE_INFINITY;

/** The requests that are open at a time; asked for times that never go back. */
class OpenRequests {
  private open: Request[] = [];
  private begun = 0;

  constructor(private readonly requests: readonly Request[]) {}

  /** `also`: with those that begin by then. */
  at(time: number, also = time): readonly Request[] {
    const { requests } = this;
    for (; this.begun < requests.length && requests[this.begun]!.start <= time; this.begun += 1)
      this.open.push(requests[this.begun]!);
    if (this.open.some(({ until }) => until < time)) this.open = this.open.filter(({ until }) => until >= time);
    if (this.open.length > MAX_ONEWAY) {
      const oneway = new Set(this.open.filter(({ span }) => span.oneway).slice(-MAX_ONEWAY));
      this.open = this.open.filter((request) => !request.span.oneway || oneway.has(request));
    }
    let end = this.begun;
    while (end < requests.length && requests[end]!.start <= also) end += 1;
    return end === this.begun ? this.open : [...this.open, ...requests.slice(this.begun, end)];
  }
}

/** Those that were open for the call before as well: both lists are in order of start. */
function joined(before: readonly Request[], open: readonly Request[]): readonly Request[] {
  const known = new Set(open);
  const over = before.filter((request) => !known.has(request));
  return over.length === 0 ? open : [...over, ...open].sort((a, b) => compareSent(a.span, b.span));
}

/**
 * The open requests; of too many those that share a word with the call, then those that are not answered, and of these
 * those that came last.
 */
function nearestOf(open: readonly Request[], time: number, words: readonly number[]): readonly Request[] {
  if (open.length <= MAX_OPEN) return [...open];
  const ranks = open.map(({ tokens, answered }) =>
    tokens.some((token) => words.includes(token)) ? 0 : answered > time ? 1 : 2,
  );
  const kept = new Set<Request>();
  for (let rank = 0; rank <= 2; rank += 1)
    for (let i = open.length - 1; i >= 0 && kept.size < MAX_OPEN; i -= 1) if (ranks[i] === rank) kept.add(open[i]!);
  return open.filter((request) => kept.has(request));
}

function freedBefore(span: SysSpan, previous: Call | undefined): number {
  if (previous === undefined) return span.connection?.connected === undefined ? IDLE : MADE;
  if (isReleased(span, previous.last)) return IN_TURN;
  const { loopTurnResponse: freed, responseTid } = previous.last;
  if (freed === undefined || span.loopTurnRequest === undefined || responseTid !== span.tid) return IDLE;
  const turns = span.loopTurnRequest - freed;
  return turns < 0 ? IDLE : Math.min(IDLE, IN_LOOP + turns);
}

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
      if (busy > span.start || span.oneway) return false;
      if (span.responseTid !== undefined && span.responseTid !== span.tid) return false;
      const until = span.messageType === 'session' ? (span.firstResponseByte ?? span.end) : span.start;
      busyUntil.set(span.tid, until);
      anyUntil = Math.max(anyUntil, until);
      responseTurns.add(span.systraceIdResponse);
    } else if (busy < span.start && (anyUntil >= span.start || responseTurns.has(span.systraceIdRequest))) return false;
  }
  return true;
}

/** Of so many calls the answer comes back to the thread that sent them, where work is bound to its thread. */
const BOUND = 0.9;

/** The threads of a process, or one if work goes from thread to thread, as goroutines do: then it tells nothing which it was. */
export function boundThreads(calls: readonly Call[]): number {
  const answered = calls.filter(({ last }) => last.responseTid !== undefined);
  const kept = answered.filter(({ last }) => last.responseTid === last.tid);
  return kept.length < BOUND * answered.length ? 1 : new Set(calls.map(({ span }) => span.tid)).size;
}
