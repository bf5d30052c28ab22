import type {
  DrawnTally,
  RuleEvidence,
  RuleId,
  Score,
  ScoreReport,
  Span,
  SpanId,
  Tally,
  TimeOrigin,
} from '@causeway/core';
import { alignColumns, cut } from './columns-text';
import { conditionText } from './evidence-text';
import { countOf, countText, durationText, timeOfDayText } from './time-text';
import { matchedText, placeText, requestText } from './trace-tree';

export interface ScoreText {
  readonly spans: readonly Span[];
  readonly origin: TimeOrigin;
  /** Name of a rule, as in the rules table. */
  ruleName(rule: RuleId): string;
}

const MAX_LINE = 165;
const HEADER = ['', 'true links', 'right', 'wrong', 'missing', 'precision', 'recall'];
const NUMBER_COLUMNS = [1, 2, 3, 4, 5, 6];

/** A report as tables, for people. */
export function* scoreText(report: ScoreReport, { ruleName }: ScoreText): Generator<string> {
  const rows: string[][] = [
    HEADER,
    tallyRow('all', report),
    tallyRow('within processes', report.withinProcess),
    tallyRow('between processes', report.betweenProcesses),
    [],
    ...Object.entries(report.byComm).map(([comm, tally]) => tallyRow(comm, tally)),
    [],
    ...report.byConcurrency.map((bucket) => tallyRow(rangeText(bucket), bucket)),
    [],
    ...Object.entries(report.byRule).map(([rule, drawn]) => drawnRow(`${rule} ${ruleName(rule as RuleId)}`, drawn)),
    [],
    ...Object.entries(report.byStrength).map(([strength, drawn]) => drawnRow(`called ${strength}`, drawn)),
  ];
  for (const line of alignColumns(rows, NUMBER_COLUMNS)) yield line.trimEnd();
  if (report.reliability.length > 0) {
    yield '';
    const reliability = report.reliability.map((row) => [
      `probability ${row.from.toFixed(1)}–${row.to.toFixed(1)}`,
      countOf(row.links, 'link'),
      `said ${percent(row.meanProbability)}`,
      `right ${percent(row.correct / row.links)}`,
    ]);
    yield* alignColumns(reliability, [1, 2, 3]);
  }
  if (report.unjudged > 0) {
    yield '';
    yield `${countOf(report.unjudged, 'more link was', 'more links were')} drawn of which the context says nothing.`;
  }
}

function tallyRow(name: string, { links, correct, wrong, missing, precision, recall }: Tally): string[] {
  return [
    name,
    ...[links, correct, wrong, missing].map((count) => countText(count)),
    percent(precision),
    percent(recall),
  ];
}

/** What a rule did not draw is not its own to say. */
function drawnRow(name: string, { correct, wrong, precision }: DrawnTally): string[] {
  return [name, '', countText(correct), countText(wrong), '', percent(precision), ''];
}

function rangeText({ from, to }: { from: number; to: number | null }): string {
  if (to === null) return `${from} or more requests at once`;
  return from === to ? `${countOf(from, 'request')} at once` : `${from}–${to} requests at once`;
}

/** `97.13 %`; `–` where there is nothing to divide. */
function percent(part: number | null): string {
  return part === null ? '–' : `${(part * 100).toFixed(2)} %`;
}

/** Wrong links with what was compared, then missing ones, `most` of each; and why the true parent was passed over. */
export function* mistakeLines({ wrong, missing }: Score, most: number, text: ScoreText): Generator<string> {
  const byId = new Map(text.spans.map((span) => [span.id, span]));
  const line = (label: string, id: SpanId | undefined) =>
    cut(`   ${label.padEnd(6)} ${id === undefined ? 'none in this capture' : spanText(byId.get(id), text)}`, MAX_LINE);
  yield '';
  yield `Wrong links (${countText(Math.min(most, wrong.length))} of ${countText(wrong.length)})`;
  for (const { child, link, trueParent, passedOver, concurrency } of wrong.slice(0, most)) {
    yield `${link.rule} ${text.ruleName(link.rule)}  ${matchedText(link)}  ${countOf(concurrency, 'request')} at once`;
    yield line('child', child.id);
    yield line('drawn', link.parent);
    yield* conditionLines(link.evidence);
    yield line('true', trueParent);
    yield* passedOverLines(passedOver);
  }
  yield '';
  yield `Missing links (${countText(Math.min(most, missing.length))} of ${countText(missing.length)})`;
  for (const { child, trueParent, passedOver, concurrency } of missing.slice(0, most)) {
    yield `no rule accepted a parent  ${countOf(concurrency, 'request')} at once`;
    yield line('child', child.id);
    yield line('true', trueParent);
    yield* passedOverLines(passedOver);
  }
}

function* conditionLines({ conditions }: RuleEvidence): Generator<string> {
  for (const condition of conditions) yield cut(`          ${conditionText(condition)}`, MAX_LINE);
}

function* passedOverLines(evidence: readonly RuleEvidence[]): Generator<string> {
  if (evidence.length === 0) yield '          no rule looked at it';
  for (const each of evidence) {
    const failed = each.conditions.filter(({ holds }) => !holds).map(conditionText);
    yield cut(`          ${each.rule}: ${failed.join('; ')}`, MAX_LINE);
  }
}

function spanText(span: Span | undefined, { origin }: ScoreText): string {
  if (span === undefined) return 'a span that is not there';
  const at = timeOfDayText(origin + BigInt(Math.round(span.start)));
  return [
    span.tapSide,
    placeText(span),
    span.protocol,
    requestText(span),
    at,
    durationText(span.end - span.start),
  ].join('  ');
}
