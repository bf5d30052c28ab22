import { isDatagram } from '../../association/span-keys';
import { comparePassage, comparePath, noNetSpanBetween } from '../network-path';
import type { ParentRule } from '../parent-rule';

/**
 *   c-p  ──[ 10.0.0.1:53211 → 10.0.0.2:53  id 4711  shop.example ]──
 *   s-p  ────[ 10.0.0.1:53211 → 10.0.0.2:53  id 4711 ··········· ]──
 *
 * UDP numbers no bytes. Both ends, and every interface between them, see the same addresses and the same request id. A
 * socket that was never bound shows a wildcard for its own address, which agrees with any. Ids are of 16 bits and come
 * round again, so the times must be near as well.
 */
export const datagramPair: ParentRule = {
  id: 'X02',
  name: 'datagram-pair',
  sentence: 'Both ends of one UDP exchange saw the same request: same addresses and request id at the same time.',
  children: ['net', 'server'],
  strength: 'exact',
  candidates: { kind: 'shared-key', key: 'datagram', role: ['client', 'net'], within: 'anywhere' },
  preference: 'nearest-on-path',
  appliesTo: isDatagram,
  judge(child, candidate, context) {
    if (child.type === 'app' || candidate.type === 'app' || comparePath(candidate, child) >= 0) return undefined;
    const passage = comparePassage(child, candidate, context.options);
    if (passage === undefined) return undefined;
    const conditions = [...passage.conditions, noNetSpanBetween(child, candidate, context)];
    return { rule: 'X02', child: child.id, parent: candidate.id, matched: passage.matched, conditions };
  },
};
