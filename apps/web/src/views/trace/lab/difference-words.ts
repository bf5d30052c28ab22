import type { AssemblyDifference, ParentLink, SpanId, SpanLink } from '@causeway/core';

/** What has become of an edge. */
export type Change = 'gained' | 'lost' | 'moved' | 'relabelled';

/** One edge of a difference as the list shows it. */
export interface ChangedEdge {
  readonly change: Change;
  readonly key: string;
  /** Whose edge it is. */
  readonly child: SpanId;
  readonly before?: ParentLink | SpanLink;
  readonly after?: ParentLink | SpanLink;
}

/** Lost ones first, as they are what one looks for. */
export function changedEdges(difference: AssemblyDifference): ChangedEdge[] {
  const { lost, moved, gained, relabelled, spanLinksGained, spanLinksLost } = difference;
  const queue = (link: SpanLink) => ({ key: `queue ${link.from} ${link.to}`, child: link.to });
  return [
    ...lost.map((before) => ({ change: 'lost' as const, key: before.child, child: before.child, before })),
    ...spanLinksLost.map((before) => ({ change: 'lost' as const, ...queue(before), before })),
    ...moved.map((link) => ({ change: 'moved' as const, key: link.child, ...link })),
    ...gained.map((after) => ({ change: 'gained' as const, key: after.child, child: after.child, after })),
    ...spanLinksGained.map((after) => ({ change: 'gained' as const, ...queue(after), after })),
    ...relabelled.map((link) => ({ change: 'relabelled' as const, key: link.child, ...link })),
  ];
}

/** Edges of the assembly before that are no more, from parent to child: drawn where both ends are in sight. */
export function goneEdges({ lost, moved }: AssemblyDifference): ParentLink[] {
  return [...lost, ...moved.map(({ before }) => before)];
}

/** The change of each child's edge that is still, or newly, there. */
export function changesByChild({ gained, moved, relabelled }: AssemblyDifference): ReadonlyMap<SpanId, Change> {
  return new Map<SpanId, Change>([
    ...gained.map(({ child }) => [child, 'gained'] as const),
    ...moved.map(({ child }) => [child, 'moved'] as const),
    ...relabelled.map(({ child }) => [child, 'relabelled'] as const),
  ]);
}

/** `2 edges lost, 1 moved; 11 as before`. */
export function differenceSentence(difference: AssemblyDifference): string {
  const counts = new Map<Change, number>();
  for (const { change } of changedEdges(difference)) counts.set(change, (counts.get(change) ?? 0) + 1);
  if (counts.size === 0) return 'Nothing changes.';
  const [first, ...rest] = [...counts].map(([change, count]) => ({ count, words: WORDS[change] }));
  const edges = `${first!.count} ${first!.count === 1 ? 'edge' : 'edges'} ${first!.words}`;
  const parts = [edges, ...rest.map(({ count, words }) => `${count} ${words}`)];
  return `${parts.join(', ')}; ${difference.unchanged} as before.`;
}

const WORDS: Readonly<Record<Change, string>> = {
  lost: 'lost',
  moved: 'moved',
  gained: 'gained',
  relabelled: 'drawn by another rule',
};
