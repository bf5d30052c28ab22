// npm run bench:capture: measures what recording costs on this machine and writes the figures into docs/benchmarks.md,
// between its markers, with the machine named. On a busy machine the figures are noise: it says so and asks for --anyway.
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT, run } from './lib/run.mjs';

const PAGE = join(ROOT, 'docs', 'benchmarks.md');
const [BEGIN, END] = ['<!-- bench:capture begins -->', '<!-- bench:capture ends -->'];
const WORD = 'capture-agent';
const MOST_LOAD = 3;

const format = (value) =>
  Number.isInteger(value) || Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);

function verdict({ value, target, atMost }) {
  if (target === undefined) return '';
  const met = atMost === true ? value <= target : value >= target;
  return `${atMost === true ? '≤' : '≥'} ${format(target)} ${met ? '✓' : '✗'}`;
}

function page(benches, load) {
  const rows = benches.flatMap(({ rows }) => rows);
  const table = rows.map(
    (row) => `| ${row.name} | ${format(row.value)} ${row.unit} | ${verdict(row)} | ${row.note ?? ''} |`,
  );
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${(totalmem() / 1e9).toFixed(0)} GB, Linux ${release()}, Node ${process.version}`;
  return [
    `Measured ${new Date().toISOString().slice(0, 10)} on ${machine}; load average before: ${load.toFixed(1)}.`,
    '',
    '| what | measured | target | |',
    '| --- | ---: | --- | --- |',
    ...table,
  ].join('\n');
}

const [load] = loadavg();
if (load > MOST_LOAD && !process.argv.includes('--anyway')) {
  console.error(
    `The load average is ${load.toFixed(1)}: figures would be noise. Wait until it is below ${MOST_LOAD}, or add --anyway.`,
  );
  process.exit(1);
}
const { status } = await run('node', ['scripts/bench.mjs', WORD]);
if (status !== 0) process.exit(status);
const { benches } = JSON.parse(await readFile(join(ROOT, '.causeway', 'bench.json'), 'utf8'));
const text = await readFile(PAGE, 'utf8');
const [before, rest] = text.split(BEGIN);
const after = rest?.split(END)[1];
if (after === undefined) throw new Error(`${PAGE} has lost its markers`);
await writeFile(PAGE, `${before}${BEGIN}\n\n${page(benches, load)}\n\n${END}${after}`);
await run('biome', ['format', '--write', PAGE], { capture: true });
console.log(`Written into ${PAGE}`);
