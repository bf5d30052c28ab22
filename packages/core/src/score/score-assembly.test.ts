import { describe, expect, it } from 'vitest';
import type { AssembledTrace, LinkStrength, ParentLink, RuleEvidence } from '../assembly/assembled-trace';
import { DEFAULT_ASSEMBLY_OPTIONS } from '../assembly/assembly-options';
import type { SpanId } from '../base/brand';
import type { Span } from '../span/span';
import { testSpan } from '../testing/index';
import { compareWithTruth, scoreAssembly } from './score-assembly';
import { bothEnds, hop } from './test-hops';

/** Client → shop → stock, twice; the two requests overlap in shop. */
const HOPS = [
  ...bothEnds('client>shop a', { start: 0, end: 100 }),
  ...bothEnds('shop>stock b<a', { start: 10, end: 90 }),
  ...bothEnds('client>shop c', { start: 5, end: 100 }),
  ...bothEnds('shop>stock d<c', { start: 20, end: 90 }),
];

interface Drawn {
  readonly strength?: LinkStrength;
  readonly probability?: number;
}

/** A trace whose links are `child < parent`, as some assembly might have drawn them. */
function drawn(links: Record<string, string>, fields: Drawn = {}): AssembledTrace {
  const link = ([child, parent]: [string, string]): [SpanId, ParentLink] => {
    const ends = { child: child as SpanId, parent: parent as SpanId, rule: 'R05' as const };
    const evidence: RuleEvidence = { ...ends, matched: [], conditions: [] };
    return [ends.child, { ...ends, strength: 'exact', ...fields, evidence }];
  };
  return {
    id: '' as SpanId,
    root: '' as SpanId,
    start: 0 as never,
    end: 0 as never,
    spans: [],
    links: new Map(Object.entries(links).map(link)),
    nearMisses: new Map(),
    rounds: [],
    roundsExhausted: false,
    pruned: [],
    pruning: [],
    missing: [],
    spanLinks: [],
  };
}

const PERFECT = {
  's-p client>shop a': 'c-p client>shop a',
  'c-p shop>stock b': 's-p client>shop a',
  's-p shop>stock b': 'c-p shop>stock b',
  's-p client>shop c': 'c-p client>shop c',
  'c-p shop>stock d': 's-p client>shop c',
  's-p shop>stock d': 'c-p shop>stock d',
};
const score = (links: Record<string, string>, fields?: Drawn, spans: readonly Span[] = HOPS) =>
  compareWithTruth(spans, [drawn(links, fields)]);

describe('compareWithTruth', () => {
  it('finds nothing to blame in a perfect assembly', () => {
    const { report, wrong, missing } = score(PERFECT);
    expect(report).toMatchObject({ links: 6, correct: 6, wrong: 0, missing: 0, precision: 1, recall: 1, unjudged: 0 });
    expect(report.withinProcess).toMatchObject({ links: 2, correct: 2 });
    expect(report.betweenProcesses).toMatchObject({ links: 4, correct: 4 });
    expect([...wrong, ...missing]).toEqual([]);
  });

  it('counts a link to another request as wrong, and names the true one', () => {
    const { report, wrong } = score({ ...PERFECT, 'c-p shop>stock d': 's-p client>shop a' });
    expect(report).toMatchObject({ links: 6, correct: 5, wrong: 1, missing: 0, precision: 5 / 6, recall: 5 / 6 });
    expect(wrong).toMatchObject([
      { child: { id: 'c-p shop>stock d' }, link: { parent: 's-p client>shop a' }, trueParent: 's-p client>shop c' },
    ]);
  });

  it('counts a call without parent as missing, which costs recall alone', () => {
    const { 'c-p shop>stock d': _, ...links } = PERFECT;
    const { report, missing } = score(links);
    expect(report).toMatchObject({ links: 6, correct: 5, wrong: 0, missing: 1, precision: 1, recall: 5 / 6 });
    expect(missing).toMatchObject([{ child: { id: 'c-p shop>stock d' }, trueParent: 's-p client>shop c' }]);
  });

  it('counts a link into another trace as wrong where the true parent was not recorded', () => {
    const other = testSpan({ id: 'other', tapSide: 's-p', pid: 3, traceIds: ['f'.repeat(32)], spanId: 'f'.repeat(16) });
    const call = hop('c-p', 'shop>stock b<a');
    const { report, wrong } = score({ [call.id]: 'other' }, {}, [other, call]);
    expect(report).toMatchObject({ links: 0, correct: 0, wrong: 1, precision: 0, recall: null });
    expect(wrong[0]).not.toHaveProperty('trueParent');
  });

  it('does not judge a link of which the context says nothing', () => {
    const startup = testSpan({ id: 'startup', pid: 3 });
    const { report } = score({ ...PERFECT, startup: 's-p client>shop a' }, {}, [...HOPS, startup]);
    expect(report).toMatchObject({ links: 6, correct: 6, wrong: 0, unjudged: 1 });
  });

  it('looks through the packets between two processes', () => {
    const packet = { ...testSpan({ id: 'packet' }), type: 'net', tapSide: 'c', interfaceName: 'lo' } as unknown as Span;
    const links = { ...PERFECT, 's-p shop>stock b': 'packet', packet: 'c-p shop>stock b' };
    expect(score(links, {}, [...HOPS, packet]).report).toMatchObject({ links: 6, correct: 6, wrong: 0 });
  });

  it('tells concurrency from the requests that the process had in hand', () => {
    expect(score(PERFECT).report.byConcurrency).toMatchObject([
      { from: 1, to: 1, links: 2 },
      { from: 2, to: 2, links: 4 },
    ]);
  });

  it('tells programs, strengths and rules apart', () => {
    const { report } = score({ ...PERFECT, 'c-p shop>stock d': 's-p client>shop a' }, { strength: 'weak' });
    expect(report.byComm).toMatchObject({ shop: { links: 4, wrong: 1 }, stock: { links: 2, wrong: 0 } });
    expect(report.byStrength).toEqual({ weak: { links: 6, correct: 5, wrong: 1, precision: 5 / 6 } });
    expect(report.byRule).toEqual({ R05: { links: 6, correct: 5, wrong: 1, precision: 5 / 6 } });
  });

  it('compares what links said of themselves with what came of it', () => {
    const { report } = score(
      { ...PERFECT, 'c-p shop>stock d': 's-p client>shop a' },
      { strength: 'inferred', probability: 0.84 },
    );
    expect(report.reliability).toEqual([
      { from: 0.8, to: 0.9, links: 6, correct: 5, meanProbability: expect.closeTo(0.84) },
    ]);
  });

  it('lists the surest mistakes first', () => {
    const wrongTwice = (first: number, second: number) => {
      const [one, other] = [
        drawn({ 'c-p shop>stock b': 's-p client>shop c' }, { strength: 'inferred', probability: first }),
        drawn({ 'c-p shop>stock d': 's-p client>shop a' }, { strength: 'inferred', probability: second }),
      ];
      return compareWithTruth(HOPS, [one, other]).wrong.map(({ child }) => child.id);
    };
    expect(wrongTwice(0.9, 0.4)).toEqual(['c-p shop>stock b', 'c-p shop>stock d']);
    expect(wrongTwice(0.4, 0.9)).toEqual(['c-p shop>stock d', 'c-p shop>stock b']);
  });
});

describe('scoreAssembly', () => {
  /** As HOPS, all in one thread's hands: the systrace ids say it all. */
  const THREADED = [
    ...bothEnds('client>shop a', { start: 0, end: 100 }),
    ...bothEnds('shop>stock b<a', { start: 10, end: 90 }),
  ].map((span) => (span.pid === 3 ? { ...span, systraceIdRequest: 7 as never } : span));

  it('assembles and judges', () => {
    expect(scoreAssembly(THREADED).report).toMatchObject({ links: 3, correct: 3, precision: 1, recall: 1 });
  });

  it('lets the rules see no context: without another sign the call stays alone', () => {
    expect(scoreAssembly(HOPS).report.withinProcess).toMatchObject({ links: 2, correct: 0, missing: 2 });
  });

  it('leaves rules out', () => {
    const assembly = { ...DEFAULT_ASSEMBLY_OPTIONS, disabledRules: new Set(['R11' as const]) };
    expect(scoreAssembly(THREADED, { assembly, xRequestIds: false }).report).toMatchObject({ correct: 1, missing: 2 });
  });

  it('gives the same report for the same spans in any order', () => {
    expect(scoreAssembly([...HOPS].reverse()).report).toEqual(scoreAssembly(HOPS).report);
  });
});
