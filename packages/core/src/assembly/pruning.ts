import type { AssociationKey, KeyKind } from '../association/association-key';
import { associationKeys, keyKind } from '../association/span-keys';
import type { SpanId } from '../base/brand';
import type { Span } from '../span/span';

/** Why a span that the search found is not in the tree: it shares a key with a span, and no rule made a link of it. */
export interface PrunedSpan {
  readonly span: SpanId;
  /** Root of the tree that it is in. */
  readonly root: SpanId;
  readonly kind: KeyKind;
  readonly key: AssociationKey;
  /** Holds the same key: a span of this tree, or else of those found before. */
  readonly with: SpanId;
}

/** One for each of the `pruned`. `found`: all that the search collected, in its order. */
export function explainPruning(
  tree: readonly Span[],
  found: readonly Span[],
  pruned: readonly Span[],
  rootOf: (span: Span) => SpanId,
): readonly PrunedSpan[] {
  if (pruned.length === 0) return [];
  const holders = firstHolders(tree);
  const holdersFound = firstHolders(found);
  return pruned.flatMap((span) => {
    const keys = associationKeys(span);
    // The search brought it in by a key, so a span before it holds one.
    const shared = keys.find((key) => holders.has(key)) ?? keys.find((key) => holdersFound.get(key) !== span.id);
    if (shared === undefined) return [];
    const other = holders.get(shared) ?? holdersFound.get(shared)!;
    return [{ span: span.id, root: rootOf(span), kind: keyKind(shared), key: shared, with: other }];
  });
}

function firstHolders(spans: readonly Span[]): Map<AssociationKey, SpanId> {
  const holders = new Map<AssociationKey, SpanId>();
  for (const span of spans) {
    for (const key of associationKeys(span)) if (!holders.has(key)) holders.set(key, span.id);
  }
  return holders;
}
