import type { SystraceId } from '../base/brand';
import type { LoopMoment, Span, SysSpan } from '../span/span';
import { newLife, newStanding } from './life';
import { joined, OpenRequests } from './open-requests';
import { compareSent, isReleased, type Outgoing, outgoing } from './outgoing';
import { tokenTable } from './tokens';
import { type Call, FREED, type Input, OPENING_CALLS, type Output, type ProcessWork, type Request } from './work';

/** A request may go on calling after its response was sent (a visit noted, a cache filled): so long at most. */
const AFTERWARDS_NS = 2_000_000;
/** Of a one-way message nobody sees when the work on it ends: it is looked for so long, among the last that came. */
const ONEWAY_NS = 10_000_000_000;
/** Places in FREED. */
const [MADE, IN_TURN, IN_LOOP, IDLE] = [0, 1, 2, FREED.length - 1];

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
      const answered = answeredAt(span);
      const read = { time: start, id: span.systraceIdRequest, tid: span.tid, loopTurn: span.loopTurnRequest };
      const { systraceIdResponse: id, responseTid: tid, loopTurnResponse: loopTurn } = span;
      const response = { time: answered, id, tid, loopTurn, connects: false };
      // Written out: spreading gives each object a shape of its own, and each access a search.
      return {
        span,
        start,
        answered,
        until,
        kind,
        read,
        response,
        tokens: tokens.get(span)!,
        calls: [],
        slot: -1,
        standing: newStanding(read),
        life: newLife(),
      };
    });
  const openRequests = new OpenRequests(requests, table.names.length);
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
    const nearest = openRequests.nearest(
      previous !== undefined && place < OPENING_CALLS ? joined(previous.open, open) : open,
      asked.time,
      words,
    );
    const call: Call = {
      span,
      spans: own,
      last,
      start: asked.time,
      answered: answeredAt(last),
      sent: sentOf(span, asked),
      answer: answerOf(last),
      ended: ended && { time: ended.time, id: undefined, tid: ended.tid, loopTurn: ended.loopTurn },
      open: nearest,
      kind: kindOf(`c ${own.map(nameOf).join(', ')} ${to}`, last),
      request: undefined,
      margin: 0,
      tokens: words,
      place,
      previous,
      next: undefined,
      freed: freedBefore(span, previous),
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

function answerOf(span: SysSpan): Input {
  const { systraceIdResponse: id, responseTid: tid, loopTurnResponse: loopTurn } = span;
  return { time: answeredAt(span), id, tid, loopTurn };
}

function sentOf(
  { systraceIdConnect: connect, systraceIdRequest }: SysSpan,
  { time, tid, loopTurn }: LoopMoment,
): Output {
  return { time, id: connect ?? systraceIdRequest, tid, loopTurn, connects: connect !== undefined };
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
