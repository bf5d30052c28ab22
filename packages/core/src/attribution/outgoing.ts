import type { LoopMoment, SysSpan } from '../span/span';

/** A connection that carried more calls than this was not made for a single purpose. */
const MAX_CONVERSATION = 4;

/** What goes out for one purpose: a call, or all that is said on a connection that is made for it and closed after it. */
export interface Outgoing {
  /** In the order in which they were sent; mostly one. */
  readonly spans: readonly SysSpan[];
  /** When it was decided: of a new connection, when it was asked for. */
  readonly asked: LoopMoment;
  /** When the connection ended, if nothing went out on it afterwards. */
  readonly ended: LoopMoment | undefined;
  /** What went out before on the connection. */
  readonly previous: Outgoing | undefined;
}

/** What a process sent, by the time at which it was decided. `calls`: its c-p spans in the order in which they were sent. */
export function outgoing(calls: readonly SysSpan[]): Outgoing[] {
  const sockets = new Map<string, SysSpan[]>();
  for (const span of calls) {
    const others = sockets.get(span.socket.id);
    if (others === undefined) sockets.set(span.socket.id, [span]);
    else others.push(span);
  }
  const all: Outgoing[] = [];
  for (const spans of sockets.values()) {
    const { connected, ended } = spans[0]!.connection ?? {};
    if (connected !== undefined && isConversation(spans)) {
      all.push({ spans, asked: connected, ended, previous: undefined });
      continue;
    }
    let previous: Outgoing | undefined;
    spans.forEach((span, i) => {
      const { start: time, tid, loopTurnRequest: loopTurn } = span;
      const asked = (i === 0 ? connected : undefined) ?? { time, tid, loopTurn };
      previous = { spans: [span], asked, ended: i === spans.length - 1 ? ended : undefined, previous };
      all.push(previous);
    });
  }
  return all.sort((a, b) => a.asked.time - b.asked.time || compareSent(a.spans[0]!, b.spans[0]!));
}

/** A short life in which one thing led to the next: nothing was sent but what an answer made the thread send at once. */
function isConversation(spans: readonly SysSpan[]): boolean {
  if (spans.length > MAX_CONVERSATION || spans[0]!.connection?.ended === undefined) return false;
  return spans.every((span, i) => {
    if (i === 0) return true;
    const before = spans[i - 1]!;
    return before.systraceIdResponse === undefined || before.end > span.start || isReleased(span, before);
  });
}

/** The call was sent in the turn that the answer to the one before it opened: the connection had just become free. */
export const isReleased = ({ systraceIdRequest: id }: SysSpan, { systraceIdResponse: freed }: SysSpan) =>
  id !== undefined && id === freed;

/** By time, then by place in the stream: what one read or write moved at once keeps its order. */
export function compareSent(a: SysSpan, b: SysSpan): number {
  return a.start - b.start || seqDistance(a.tcpSeqRequest, b.tcpSeqRequest) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Sequence numbers come round: the shorter way tells which is first. */
const seqDistance = (a: number | undefined, b: number | undefined): number =>
  a === undefined || b === undefined ? 0 : (a - b) | 0;
