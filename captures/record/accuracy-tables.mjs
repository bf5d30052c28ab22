// The tables of docs/accuracy.md, from the scores of all captures.
import { CONCURRENCIES } from './truth-cases.mjs';

/** What precision and recall both have to reach at 1, 8 and 64 requests at once. */
const TARGETS = {
  'python-threads': [0.99, 0.99, 0.99],
  'java-pool': [0.99, 0.99, 0.99],
  'node-own-connections': [0.99, 0.98, 0.97],
  'node-shared-pool': [0.99, 0.95, 0.9],
  'node-one-connection': [0.99, 0.95, 0.9],
  'go-keep-alive': [0.99, 0.98, 0.95],
  'nginx-front': [0.99, 0.98, 0.95],
  'haproxy-front': [0.99, 0.98, 0.95],
  'python-asyncio': [0.99, 0.95, 0.9],
};
const EXACT_TARGET = 0.995;

/** Rounded down: 99.99 is not 100. */
const percent = (part) => (part === null || part === undefined ? '–' : (Math.floor(part * 1000) / 10).toFixed(1));
const both = ({ precision, recall }) => `${percent(precision)} / ${percent(recall)}`;

/** In columns of equal width, as the formatter wants it. */
function table(header, rows) {
  const lines = [header, ...rows].map((row) => row.map(String));
  const widths = header.map((_, column) => Math.max(3, ...lines.map((line) => line[column].length)));
  const text = lines.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`);
  return [text[0], `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...text.slice(1)].join('\n');
}

const mark = ({ precision, recall }, target) => {
  if (target === undefined) return '';
  return precision >= target && recall >= target ? ' ✓' : ' ✗';
};

export function accuracyTables(scores) {
  const names = [...new Set(scores.map(({ name }) => name))];
  const at = (name, concurrency) => scores.find((score) => score.name === name && score.concurrency === concurrency);
  const cells = (name, show) =>
    CONCURRENCIES.map((concurrency, column) => {
      const score = at(name, concurrency);
      return score === undefined ? 'not recorded' : show(score, column);
    });
  const atOnce = CONCURRENCIES.map((concurrency) => `${concurrency} at once`);

  const main = names.flatMap((name) => [
    [
      name,
      'all',
      ...cells(name, ({ all }, column) => both(all) + mark(all, TARGETS[name]?.[column])),
      TARGETS[name]?.map(percent).join(' / ') ?? '',
    ],
    ['', 'R01–R16', ...cells(name, ({ published }) => both(published)), ''],
  ]);
  const within = names.map((name) => [
    name,
    ...cells(name, ({ all, published }) => `${both(all.withinProcess)} (${both(published.withinProcess)})`),
  ]);
  const strengths = ['exact', 'weak', 'inferred'].map((strength) => {
    const drawn = scores.map(({ all }) => all.byStrength[strength]).filter(Boolean);
    const [links, correct] = [sum(drawn, 'links'), sum(drawn, 'correct')];
    const precision = links === 0 ? null : correct / links;
    const target = strength === 'exact' ? `${percent(EXACT_TARGET)}${precision >= EXACT_TARGET ? ' ✓' : ' ✗'}` : '';
    return [strength, links, links - correct, percent(precision), target];
  });
  const rules = grouped(scores.flatMap(({ all }) => Object.entries(all.byRule)));
  const programs = grouped(scores.flatMap(({ all }) => Object.entries(all.byComm)));
  const reliability = grouped(scores.flatMap(({ all }) => all.reliability.map((row) => [row.from, row])));

  return [
    '### By case: precision / recall, in percent',
    table(['case', 'rules', ...atOnce, 'target'], main),
    '### Within processes alone, in brackets R01–R16',
    table(['case', ...atOnce], within),
    '### By strength, all captures',
    table(['called', 'links', 'wrong', 'right, percent', 'target'], strengths),
    '### By rule, all captures',
    table(
      ['rule', 'links', 'wrong', 'right, percent'],
      rules.map(([rule, rows]) => {
        const [links, correct] = [sum(rows, 'links'), sum(rows, 'correct')];
        return [rule, links, links - correct, percent(correct / links)];
      }),
    ),
    '### By program, all captures',
    table(
      ['program', 'true links', 'precision / recall'],
      programs.map(([program, rows]) => {
        const [links, correct, wrong] = [sum(rows, 'links'), sum(rows, 'correct'), sum(rows, 'wrong')];
        return [program, links, both({ precision: correct / (correct + wrong), recall: correct / links })];
      }),
    ),
    ...(reliability.length === 0
      ? []
      : [
          '### Probabilities: said and found',
          table(
            ['probability', 'links', 'said, percent', 'right, percent'],
            reliability.map(([from, rows]) => {
              const links = sum(rows, 'links');
              const said = rows.reduce((total, row) => total + row.meanProbability * row.links, 0) / links;
              return [`${from}–${rows[0].to}`, links, percent(said), percent(sum(rows, 'correct') / links)];
            }),
          ),
        ]),
  ]
    .join('\n\n')
    .concat('\n');
}

const sum = (rows, member) => rows.reduce((total, row) => total + row[member], 0);

/** The values of equal keys together, in the order of the keys. */
function grouped(entries) {
  const groups = new Map();
  for (const [key, value] of entries) groups.set(key, [...(groups.get(key) ?? []), value]);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}
