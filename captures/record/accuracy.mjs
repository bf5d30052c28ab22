// npm run bench:accuracy [-- --record] [CASE…]: how often are the links right? Records the cases of truth-cases.mjs with 1,
// 8 and 64 requests at once (as root; --record: again, even if they are there), scores each with all rules and with
// R01–R16 alone, and writes the tables of docs/accuracy.md. What this machine lacks is skipped, and said.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { runScore } from '@causeway/replay/node';
import { accuracyTables } from './accuracy-tables.mjs';
import { ROOT, Stage } from './stage.mjs';
import { CONCURRENCIES, missingFor, TRUTH_CASES } from './truth-cases.mjs';

const FOLDER = join(ROOT, '.causeway', 'accuracy');
const PAGE = join(ROOT, 'docs', 'accuracy.md');
const REQUESTS = { 1: 220, 8: 880, 64: 1760 };
/** Whatever goes beyond the published method. */
const EXTENSIONS = ['X01', 'X02', 'X03', 'X04', 'X05', 'X06'];

async function recordCase({ record }, file, load) {
  const stage = await Stage.open();
  const unfinished = `${file}.part`;
  try {
    await record(stage, unfinished, load);
    await rename(unfinished, file);
  } finally {
    await stage.close();
    await rm(unfinished, { force: true });
  }
}

async function score(file, disableRule = []) {
  let text = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const status = await runScore([file], { stdout, json: true, disableRule });
  if (status !== 0) throw new Error(`${file} was not read whole`);
  return JSON.parse(text);
}

/** The capture of a case, recorded if it must be; undefined, with the reason told, if it cannot be. */
async function captureOf(name, concurrency, again) {
  const file = join(FOLDER, `${name}-${concurrency}.causeway.msgpack`);
  if (existsSync(file) && !again) return file;
  const lacking = missingFor(TRUTH_CASES[name]);
  if (lacking.length > 0) console.log(`skipped ${name} at ${concurrency}: there is no ${lacking.join(', ')}`);
  else if (process.getuid() !== 0) console.log(`skipped ${name} at ${concurrency}: recording needs root`);
  else {
    await recordCase(TRUTH_CASES[name], file, { concurrency, requests: REQUESTS[concurrency] });
    return file;
  }
  return undefined;
}

const again = process.argv.includes('--record');
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const unknown = wanted.filter((name) => TRUTH_CASES[name] === undefined);
if (unknown.length > 0) {
  console.error(`There is no case "${unknown[0]}". Known: ${Object.keys(TRUTH_CASES).join(', ')}`);
  process.exit(2);
}

await mkdir(FOLDER, { recursive: true });
const scores = [];
for (const name of wanted.length > 0 ? wanted : Object.keys(TRUTH_CASES)) {
  for (const concurrency of CONCURRENCIES) {
    const file = await captureOf(name, concurrency, again);
    if (file === undefined) continue;
    const all = await score(file);
    const published = await score(file, EXTENSIONS);
    scores.push({ name, concurrency, all, published });
    const [precision, recall] = [all.precision, all.recall].map((part) => `${(100 * part).toFixed(2)} %`);
    console.log(`${name} at ${concurrency}: precision ${precision}, recall ${recall} of ${all.links} links`);
  }
}
await writeFile(join(FOLDER, 'scores.json'), `${JSON.stringify(scores, null, 2)}\n`);

const tables = accuracyTables(scores);
if (wanted.length > 0) console.log(`\n${tables}\nOnly some cases were scored, so docs/accuracy.md stays as it is.`);
else {
  const page = await readFile(PAGE, 'utf8');
  const [begin, end] = ['<!-- tables: begin -->', '<!-- tables: end -->'];
  const head = page.slice(0, page.indexOf(begin) + begin.length);
  await writeFile(PAGE, `${head}\n\n${tables}\n${page.slice(page.indexOf(end))}`);
  console.log(`\nWritten to ${PAGE}`);
}
