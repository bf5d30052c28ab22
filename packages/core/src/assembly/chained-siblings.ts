import type { HostId, SystraceId } from '../base/brand';
import type { Span } from '../span/span';

/** Systrace ids stay below 2⁴⁰ and hosts below 2¹², so both and the side fit a whole double. */
const ID_RANGE = 2 ** 40;

/**
 * Which accepted calls neighbour a call that has no parent yet: their response id is its request id, or the reverse.
 * Only the ids that some waiting call wants are kept. For an id and a parent one sibling is enough, so ten thousand
 * calls under one id cost no more than ten thousand look-ups.
 */
export interface ChainedSiblings {
  /** A call that waits for a parent. */
  want(child: Span, position: number): void;
  /** A call that has one now; answers which waiting calls may follow it. */
  accepted(sibling: Span, position: number, parent: number): readonly number[];
  /** Candidate parents and, in the same order, the siblings through which each was found: positions. */
  candidates(child: Span): { readonly parents: readonly number[]; readonly via: readonly number[] };
}

export function createChainedSiblings(): ChainedSiblings {
  const hosts = new Map<HostId, number>();
  const wanted = new Map<number, number[]>();
  const known = new Map<number, Map<number, number>>();

  function keyOf(hostId: HostId, id: SystraceId, side: 'request' | 'response'): number {
    let host = hosts.get(hostId);
    if (host === undefined) {
      host = hosts.size;
      hosts.set(hostId, host);
    }
    return (host * ID_RANGE + id) * 2 + (side === 'request' ? 0 : 1);
  }

  /** Keys of the ids a span has, under the side they have in it or (`facing`) in its neighbours. */
  function keysOf(span: Span, facing: boolean): number[] {
    if (span.type !== 'sys') return [];
    const { hostId, systraceIdRequest: request, systraceIdResponse: response } = span;
    const keys: number[] = [];
    if (request !== undefined) keys.push(keyOf(hostId, request, facing ? 'response' : 'request'));
    if (response !== undefined) keys.push(keyOf(hostId, response, facing ? 'request' : 'response'));
    return keys;
  }

  return {
    want(child, position) {
      for (const key of keysOf(child, true)) {
        const waiting = wanted.get(key);
        if (waiting) waiting.push(position);
        else wanted.set(key, [position]);
      }
    },
    accepted(sibling, position, parent) {
      const woken: number[] = [];
      for (const key of keysOf(sibling, false)) {
        const waiting = wanted.get(key);
        if (waiting === undefined) continue;
        let parents = known.get(key);
        if (parents === undefined) {
          parents = new Map();
          known.set(key, parents);
        }
        if (parents.has(parent)) continue;
        parents.set(parent, position);
        for (const child of waiting) woken.push(child);
      }
      return woken;
    },
    candidates(child) {
      const parents: number[] = [];
      const via: number[] = [];
      for (const key of keysOf(child, true)) {
        for (const [parent, sibling] of known.get(key) ?? []) {
          if (parents.includes(parent)) continue;
          parents.push(parent);
          via.push(sibling);
        }
      }
      return { parents, via };
    },
  };
}
