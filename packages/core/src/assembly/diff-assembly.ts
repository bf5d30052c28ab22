import type { SpanId } from '../base/brand';
import type { AssembledTrace, ParentLink, SpanLink } from './assembled-trace';

/** An edge that both have for one child, but not the same. */
export interface ChangedLink {
  readonly child: SpanId;
  readonly before: ParentLink;
  readonly after: ParentLink;
}

/** What became of the edges from one assembly to another. Lists are in the order of the spans. */
export interface AssemblyDifference {
  /** The child had no parent before, or was not there. */
  readonly gained: readonly ParentLink[];
  /** It has none now, or is not there. */
  readonly lost: readonly ParentLink[];
  /** It hangs under another parent. */
  readonly moved: readonly ChangedLink[];
  /** The same parent by another rule, strength or probability. */
  readonly relabelled: readonly ChangedLink[];
  readonly unchanged: number;
  readonly spanLinksGained: readonly SpanLink[];
  readonly spanLinksLost: readonly SpanLink[];
}

type Assembly = AssembledTrace | readonly AssembledTrace[];

/**
 * Edges gained, lost and moved between two assemblies of the same spans: with other rules or tolerances, say, or before
 * and after more of a capture was there. Spans are matched by their ids. Pure.
 */
export function diffAssembly(a: Assembly, b: Assembly): AssemblyDifference {
  const before = linksOf(a);
  const after = linksOf(b);
  const gained: ParentLink[] = [];
  const moved: ChangedLink[] = [];
  const relabelled: ChangedLink[] = [];
  let unchanged = 0;
  for (const [child, link] of after) {
    const old = before.get(child);
    if (old === undefined) gained.push(link);
    else if (old.parent !== link.parent) moved.push({ child, before: old, after: link });
    else if (isLabelledAlike(old, link)) unchanged += 1;
    else relabelled.push({ child, before: old, after: link });
  }
  const spanLinksBefore = spanLinksOf(a);
  const spanLinksAfter = spanLinksOf(b);
  return {
    gained,
    lost: [...before.values()].filter(({ child }) => !after.has(child)),
    moved,
    relabelled,
    unchanged,
    spanLinksGained: missingFrom(spanLinksBefore, spanLinksAfter),
    spanLinksLost: missingFrom(spanLinksAfter, spanLinksBefore),
  };
}

function tracesOf(assembly: Assembly): readonly AssembledTrace[] {
  return 'root' in assembly ? [assembly] : assembly;
}

function linksOf(assembly: Assembly): Map<SpanId, ParentLink> {
  const links = new Map<SpanId, ParentLink>();
  for (const trace of tracesOf(assembly)) for (const [child, link] of trace.links) links.set(child, link);
  return links;
}

function isLabelledAlike(a: ParentLink, b: ParentLink): boolean {
  return a.rule === b.rule && a.strength === b.strength && a.probability === b.probability;
}

/** Each once, though it stands in the traces of both its ends. */
function spanLinksOf(assembly: Assembly): Map<string, SpanLink> {
  const links = new Map<string, SpanLink>();
  for (const trace of tracesOf(assembly)) {
    for (const link of trace.spanLinks) links.set(`${link.from} ${link.to}`, link);
  }
  return links;
}

function missingFrom(from: ReadonlyMap<string, SpanLink>, all: ReadonlyMap<string, SpanLink>): SpanLink[] {
  return [...all].filter(([ends]) => !from.has(ends)).map(([, link]) => link);
}
