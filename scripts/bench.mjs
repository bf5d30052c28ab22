// npm run bench [-- WORD…]: measures speed, memory and capture cost, prints a table and writes .causeway/bench.json.
// Each bench file runs in a process of its own, one after the other, so that none warms or starves another.
// WORDs choose files whose path contains one of them.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { ROOT, run } from './lib/run.mjs';

const FOLDERS = ['packages/core/bench', 'packages/replay/bench', 'apps/web/bench', 'apps/capture-agent/bench'];
const RESULT = join(ROOT, '.causeway', 'bench-result.json');

/** Bench files are the `*.bench.ts` in a bench folder; others there are their helpers. */
async function benchFiles(words) {
  const files = [];
  for (const folder of FOLDERS) {
    const names = await readdir(join(ROOT, folder)).catch(() => []);
    files.push(...names.filter((name) => name.endsWith('.bench.ts')).map((name) => `${folder}/${name}`));
  }
  return words.length === 0 ? files : files.filter((file) => words.some((word) => file.includes(word)));
}

/** A row's verdict: a target without `atMost` is a floor. */
function verdict({ value, target, atMost }) {
  if (target === undefined) return '';
  return (atMost === true ? value <= target : value >= target) ? '✓' : '✗';
}

const format = (value) =>
  Number.isInteger(value) || Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);

function printTable(rows) {
  const lines = rows.map((row) => [
    row.name,
    `${format(row.value)} ${row.unit}`,
    row.target === undefined ? '' : `${row.atMost === true ? '≤' : '≥'} ${format(row.target)}`,
    verdict(row),
    row.note ?? '',
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => line[column].length)));
  for (const [name, value, target, mark, note] of lines) {
    console.log(
      `  ${name.padEnd(widths[0])}  ${value.padStart(widths[1])}  ${target.padStart(widths[2])} ${mark.padEnd(1)}  ${note}`.trimEnd(),
    );
  }
}

const files = await benchFiles(process.argv.slice(2));
if (files.length === 0) {
  console.error('No bench file matches. Leave out the words to run them all.');
  process.exit(2);
}
await mkdir(join(ROOT, '.causeway'), { recursive: true });
const all = [];
for (const file of files) {
  console.log(`\n${file}`);
  await rm(RESULT, { force: true });
  const { status } = await run('node', ['--expose-gc', '--import', 'tsx', 'scripts/lib/bench-one.mjs', file, RESULT]);
  if (status !== 0) {
    process.exitCode = 1;
    continue;
  }
  const rows = JSON.parse(await readFile(RESULT, 'utf8'));
  printTable(rows);
  all.push({ file, rows });
}
await rm(RESULT, { force: true });
const report = join(ROOT, '.causeway', 'bench.json');
await writeFile(report, `${JSON.stringify({ node: process.version, cpu: cpus()[0]?.model, benches: all }, null, 2)}\n`);
console.log(`\nWritten to ${report}`);
