import type { SocketId, SpanId } from '../base/brand';
import type { NetTapSide, Span, SysSpan } from '../span/span';
import { type TestSpanFields, testAppSpan, testNetSpan, testSpan } from '../testing/index';

/** One handled request: the calls it made, one after the other or all at once. */
export interface CallTree {
  readonly process: number;
  readonly parallel: boolean;
  readonly calls: readonly CallTree[];
  /** Interfaces on the way to it that packets were recorded at; at most POINTS. */
  readonly packets: number;
  /** The program reports spans of its own, and writes its trace context into its calls. */
  readonly reported: boolean;
}

/** Spans of whole requests, as a perfect recording would give them, and the tree that they came from. */
export interface KnownForest {
  readonly spans: readonly Span[];
  readonly parents: ReadonlyMap<SpanId, SpanId>;
}

const STEP = 10_000;
/** Observation points on the way: the caller's host sees the first, the callee's the others. */
const POINTS: readonly NetTapSide[] = ['c', 's-nd', 's'];
export const MAX_PACKETS = POINTS.length;

/** What a call looks like on the wire, to whoever sees it. */
type Wire = Pick<TestSpanFields, 'seq' | 'traceIds' | 'spanId'>;

/** Who called, and when the call left the program. */
interface Caller {
  readonly id: SpanId;
  readonly process: number;
  readonly start: number;
}

/**
 * Acts the call trees out, each in threads of its own and all at the same time: systrace ids as the state machine gives
 * them, sequence numbers as both ends of a connection and the interfaces between see them, trace context from program
 * to program, and every process on a host of its own whose clock is off by up to 1 ms.
 */
export function actOut(trees: readonly CallTree[]): KnownForest {
  return new Stage().act(trees);
}

class Stage {
  private readonly spans: Span[] = [];
  private readonly parents = new Map<SpanId, SpanId>();
  private lastId = 0;
  private lastSeq = 1_000_000;

  act(trees: readonly CallTree[]): KnownForest {
    for (const [i, tree] of trees.entries()) this.serve(tree, i * 3 * STEP, this.wire());
    return { spans: this.spans, parents: this.parents };
  }

  /** Handles a request that arrives at `start`; returns when the response left. */
  private serve(tree: CallTree, start: number, wire: Wire, caller?: Caller): number {
    const { process } = tree;
    const server = this.reserve();
    const report = tree.reported ? this.reserve() : undefined;
    const traceIds = wire.traceIds ?? [`trace of ${server}`];
    const first = ++this.lastId;
    let last = first;
    let now = start + STEP;
    let end = now;
    for (const call of tree.calls) {
      const client = this.reserve();
      const callReport = report && this.reserve();
      const callWire = this.wire(callReport && { traceIds, spanId: callReport });
      const answered = this.serve(call, now + STEP, callWire, { id: client, process, start: now }) + STEP;
      const open = tree.parallel ? first : last;
      last = ++this.lastId;
      this.place(
        client,
        testSpan({ ...callWire, systrace: [open, last], ...at(process, now, answered) }),
        callReport ?? server,
      );
      if (callReport) {
        const fields = { traceIds, spanId: callReport, parentSpanId: report!, ...at(process, now - 1, answered + 1) };
        this.place(callReport, testAppSpan({ tapSide: 'c-app', ...fields }), report!);
      }
      end = Math.max(end, answered);
      now = tree.parallel ? now + 2 : answered + STEP;
    }
    end = Math.max(end, now) + STEP;
    const parent = caller && this.passBy(tree, wire, caller, [start, end]);
    this.place(
      server,
      testSpan({ ...wire, tapSide: 's-p', systrace: [first, last], ...at(process, start, end) }),
      parent,
    );
    if (report) {
      const context = { traceIds, spanId: report, ...(wire.spanId !== undefined && { parentSpanId: wire.spanId }) };
      // Without trace context in the request only a call tells whose work it was.
      const known = wire.spanId !== undefined || tree.calls.length > 0 ? server : undefined;
      this.place(report, testAppSpan({ tapSide: 's-app', ...context, ...at(process, start + 1, end - 1) }), known);
    }
    return end;
  }

  /** The packets of a call that is served from `start` to `end`; answers the last point before the server. */
  private passBy(tree: CallTree, wire: Wire, caller: Caller, [start, end]: readonly [number, number]): SpanId {
    let before = caller.id;
    for (const [i, tapSide] of POINTS.slice(0, tree.packets).entries()) {
      const id = this.reserve();
      const share = (i + 1) / (POINTS.length + 1);
      const [from, to] = [caller.start + (start - caller.start) * share, end + STEP * (1 - share)].map(Math.round);
      this.place(
        id,
        testNetSpan({ ...wire, tapSide, ...at(i === 0 ? caller.process : tree.process, from!, to!) }),
        before,
      );
      before = id;
    }
    return before;
  }

  private wire(context?: Pick<TestSpanFields, 'traceIds' | 'spanId'>): Wire {
    return { seq: [++this.lastSeq, ++this.lastSeq], ...context };
  }

  /** Ids count up in the order in which things begin. */
  private reserve(): SpanId {
    return `s${this.spans.push(testSpan()) - 1}` as SpanId;
  }

  private place(id: SpanId, span: Span, parent: SpanId | undefined): void {
    this.spans[Number(id.slice(1))] =
      span.type === 'sys' ? { ...span, id, socket: ownSocket(span, id) } : { ...span, id };
    if (parent !== undefined) this.parents.set(id, parent);
  }
}

const ownSocket = ({ socket }: SysSpan, id: SpanId) => ({ ...socket, id: `socket of ${id}` as SocketId });

const skew = (process: number) => ((process * 7919) % 1000) * 1000;

/** Place and times by the clock of the process's host. */
function at(process: number, start: number, end: number) {
  return { host: `h${process}`, pid: process, start: start + skew(process), end: end + skew(process) };
}
