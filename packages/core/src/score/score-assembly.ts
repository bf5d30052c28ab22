import { assembleAll } from '../assembly/assemble';
import type { AssembledTrace, AssemblyOptions, ParentLink, RuleEvidence, RuleId } from '../assembly/assembled-trace';
import { DEFAULT_ASSEMBLY_OPTIONS } from '../assembly/assembly-options';
import { createSpanIndex } from '../assembly/memory-span-index';
import type { SpanId } from '../base/brand';
import type { Span, SysSpan } from '../span/span';
import { CONCURRENCY_BUCKETS, Concurrency } from './concurrency';
import { type HideOptions, hideContext } from './in-band-context';
import { Reliability } from './reliability';
import type { MissingLink, Score, WrongLink } from './score-report';
import { type Outcome, TallyBook, TallyShelf } from './tally-book';
import { type Truth, trueParents } from './true-parents';

export interface ScoreOptions extends HideOptions {
  readonly assembly: AssemblyOptions;
}

const DEFAULT_SCORE_OPTIONS: ScoreOptions = { assembly: DEFAULT_ASSEMBLY_OPTIONS, xRequestIds: false };

/**
 * How good are the links? Takes the context that the programs handed on away from the spans, assembles what is left, and
 * compares each link with what the context said. Pure; the spans are not changed.
 */
export function scoreAssembly(spans: readonly Span[], options: ScoreOptions = DEFAULT_SCORE_OPTIONS): Score {
  const hidden = spans.map((span) => hideContext(span, options));
  return compareWithTruth(spans, assembleAll(createSpanIndex(hidden), options.assembly));
}

/** Compares traces, however they were assembled, with the truth that their spans carried before it was hidden. */
export function compareWithTruth(spans: readonly Span[], traces: readonly AssembledTrace[]): Score {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const links = new Map<SpanId, ParentLink>();
  const nearMisses = new Map<SpanId, readonly RuleEvidence[]>();
  for (const trace of traces) {
    for (const [child, link] of trace.links) links.set(child, link);
    for (const [child, evidence] of trace.nearMisses) nearMisses.set(child, evidence);
  }
  const truth = trueParents(spans);
  const concurrency = new Concurrency(spans, truth.parents);

  const all = new TallyBook();
  const within = new TallyBook();
  const between = new TallyBook();
  const byRule = new TallyShelf<RuleId>();
  const byStrength = new TallyShelf<string>();
  const byComm = new TallyShelf<string>();
  const byBucket = new TallyShelf<number>();
  const reliability = new Reliability();
  const wrong: WrongLink[] = [];
  const missing: MissingLink[] = [];
  let unjudged = 0;

  for (const child of spans) {
    const link = links.get(child.id);
    const outcome = child.type === 'sys' ? outcomeOf(child, link, links, byId, truth) : undefined;
    if (child.type !== 'sys' || outcome === undefined) {
      if (link !== undefined) unjudged += 1;
      continue;
    }
    const known = truth.parents.get(child.id);
    const trueParent = known?.kind === 'parent' ? known.parent : undefined;
    const hasTruth = trueParent !== undefined;
    const requests = concurrency.at(child);
    const side = child.tapSide === 'c-p' ? within : between;
    const bucket = CONCURRENCY_BUCKETS.findIndex((most) => requests <= most);
    for (const book of [all, side, byComm.at(nameOf(child)), byBucket.at(bucket)]) book.add(outcome, hasTruth);
    const passedOver = () => nearMisses.get(child.id)?.filter(({ parent }) => parent === trueParent) ?? [];
    if (outcome === 'missing') {
      missing.push({ child, trueParent: trueParent!, passedOver: passedOver(), concurrency: requests });
    }
    if (link === undefined) continue;
    byRule.at(link.rule).add(outcome, hasTruth);
    byStrength.at(link.strength).add(outcome, hasTruth);
    if (link.probability !== undefined) reliability.add(link.probability, outcome === 'correct');
    if (outcome !== 'wrong') continue;
    wrong.push({ child, link, passedOver: passedOver(), concurrency: requests, ...(hasTruth && { trueParent }) });
  }

  const report = {
    ...all.tally(),
    unjudged,
    withinProcess: within.tally(),
    betweenProcesses: between.tally(),
    byRule: Object.fromEntries(byRule.entries().map(([rule, book]) => [rule, book.drawn()])),
    byStrength: Object.fromEntries(byStrength.entries().map(([strength, book]) => [strength, book.drawn()])),
    byComm: Object.fromEntries(byComm.entries().map(([comm, book]) => [comm, book.tally()])),
    byConcurrency: byBucket.entries().map(([bucket, book]) => ({ ...bucketRange(bucket), ...book.tally() })),
    reliability: reliability.rows(),
  };
  return { report, wrong: wrong.sort((a, b) => surety(b.link) - surety(a.link)), missing };
}

/** The threads of a pool are numbered; what they are is said once. */
const nameOf = ({ comm }: SysSpan) => comm.replace(/[-_ #:/]*\d+$/, '') || comm;

const surety = ({ strength, probability = 0 }: ParentLink) => (strength === 'exact' ? 1 : probability);

/** Undefined: the context says nothing of it. */
function outcomeOf(
  child: SysSpan,
  link: ParentLink | undefined,
  links: ReadonlyMap<SpanId, ParentLink>,
  byId: ReadonlyMap<SpanId, Span>,
  { parents, contexts }: Truth,
): Outcome | undefined {
  const truth = parents.get(child.id);
  if (truth === undefined) return undefined;
  const drawn = link && nearestSystemSpan(link, links, byId);
  switch (truth.kind) {
    case 'parent':
      if (link === undefined) return 'missing';
      return drawn === truth.parent ? 'correct' : 'wrong';
    case 'ambiguous':
      return drawn === undefined || truth.among.includes(drawn) ? undefined : 'wrong';
    case 'outside': {
      const other = drawn && contexts.get(drawn);
      const { traceIds } = contexts.get(child.id)!;
      return other === undefined || other.traceIds.some((id) => traceIds.includes(id)) ? undefined : 'wrong';
    }
  }
}

/** The first system span above: packets and an application's own spans may lie between. */
function nearestSystemSpan(
  link: ParentLink,
  links: ReadonlyMap<SpanId, ParentLink>,
  byId: ReadonlyMap<SpanId, Span>,
): SpanId | undefined {
  for (let above: ParentLink | undefined = link; above !== undefined; above = links.get(above.parent)) {
    if (byId.get(above.parent)?.type === 'sys') return above.parent;
  }
  return undefined;
}

function bucketRange(bucket: number): { from: number; to: number | null } {
  const to = CONCURRENCY_BUCKETS[bucket]!;
  return { from: bucket === 0 ? 1 : CONCURRENCY_BUCKETS[bucket - 1]! + 1, to: Number.isFinite(to) ? to : null };
}
