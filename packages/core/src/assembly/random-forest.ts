import type { SpanId } from '../base/brand';
import type { SysSpan } from '../span/span';
import { testSpan } from '../testing/index';

/** One handled request: the calls it made, one after the other or all at once. */
export interface CallTree {
  readonly process: number;
  readonly parallel: boolean;
  readonly calls: readonly CallTree[];
}

/** Spans of whole requests, as a perfect recording would give them, and the tree that they came from. */
export interface KnownForest {
  readonly spans: readonly SysSpan[];
  readonly parents: ReadonlyMap<SpanId, SpanId>;
}

const STEP = 10_000;

/**
 * Acts the call trees out, each in threads of its own and all at the same time: systrace ids as the state machine gives
 * them, sequence numbers as both ends of a connection see them, and every process on a host of its own whose clock is
 * off by up to 1 ms.
 */
export function actOut(trees: readonly CallTree[]): KnownForest {
  const spans: SysSpan[] = [];
  const parents = new Map<SpanId, SpanId>();
  let lastId = 0;
  let lastSeq = 1_000_000;
  const nextId = () => ++lastId;
  const skew = (process: number) => ((process * 7919) % 1000) * 1000;

  /** Handles a request that arrives at `start`; returns when the response left. */
  function serve(tree: CallTree, start: number, seq: readonly [number, number], caller?: SpanId): number {
    const id = `s${spans.length}`;
    const at = spans.push(testSpan({ id })) - 1;
    if (caller !== undefined) parents.set(id as SpanId, caller);
    const first = nextId();
    let last = first;
    let now = start + STEP;
    let end = now;
    for (const call of tree.calls) {
      const callSeq = [++lastSeq, ++lastSeq] as const;
      const place = spans.push(testSpan({ id: `c${spans.length}` })) - 1;
      const callId = spans[place]!.id;
      parents.set(callId, id as SpanId);
      const answered = serve(call, now + STEP, callSeq, callId) + STEP;
      const open = tree.parallel ? first : last;
      last = nextId();
      spans[place] = testSpan({
        ...{ id: callId, tapSide: 'c-p', host: `h${tree.process}`, pid: tree.process, seq: callSeq },
        systrace: [open, last],
        start: now + skew(tree.process),
        end: answered + skew(tree.process),
      });
      end = Math.max(end, answered);
      now = tree.parallel ? now + 1 : answered + STEP;
    }
    end = Math.max(end, now) + STEP;
    spans[at] = testSpan({
      ...{ id, tapSide: 's-p', host: `h${tree.process}`, pid: tree.process, seq },
      systrace: [first, last],
      start: start + skew(tree.process),
      end: end + skew(tree.process),
    });
    return end;
  }

  trees.forEach((tree, i) => {
    serve(tree, i * 3 * STEP, [++lastSeq, ++lastSeq]);
  });
  return { spans, parents };
}
