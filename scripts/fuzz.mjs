// npm run fuzz -- TARGET… [--seconds N] [--runs N] [--seed N]: feeds parsers and file readers with inputs that are led by
// what they reach in the code. `--list` names the targets, `all` is all of them. What is found goes to the folder `cases`
// beside the target, where `npm test` runs it from then on. The inputs that reach something are kept in .causeway/fuzz.
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { instrument } from './lib/fuzz/instrument.mjs';
import { ROOT } from './lib/run.mjs';

const TARGET_FILES = ['packages/core/fuzz/parser-targets.ts', 'packages/replay/fuzz/file-targets.ts'];
const WORK = join(ROOT, '.causeway', 'fuzz');
/** An input that takes longer than this never returns, or as good as. */
const HANG_MS = 10_000;
const MAX_HEAP_MB = 1024;

async function prepare(file) {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
  });
  const plain = outputFiles[0].text;
  const { program, places, constants } = instrument(plain);
  const name = file.replaceAll('/', '-').replace(/\.ts$/, '');
  await mkdir(WORK, { recursive: true });
  const paths = { plain: join(WORK, `${name}.plain.mjs`), program: join(WORK, `${name}.mjs`) };
  await writeFile(paths.plain, plain);
  await writeFile(paths.program, program);
  const { targets } = await import(pathToFileURL(paths.plain).href);
  return targets.map(({ name: target, maxBytes }) => ({
    target,
    maxBytes,
    file,
    places,
    constants,
    program: paths.program,
  }));
}

async function save(file, target, data) {
  const folder = join(ROOT, file, '..', 'cases', target);
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${createHash('sha1').update(data).digest('hex').slice(0, 12)}.bin`);
  await writeFile(path, data);
  return relative(ROOT, path);
}

/** Returns how many findings there were. */
async function fuzz({ target, maxBytes, file, ...rest }, { seconds, runs, seed }) {
  const current = new SharedArrayBuffer(Math.max(maxBytes, 1 << 20));
  const progress = new SharedArrayBuffer(8);
  const state = new Uint32Array(progress);
  const worker = new Worker(new URL('./lib/fuzz/worker.mjs', import.meta.url), {
    workerData: { ...rest, target, seconds, runs, seed, current, progress, corpusFolder: join(WORK, 'corpus', target) },
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  const findings = [];
  const line = ({ executions, seconds: took, cpuSeconds, corpus, reached, places }) =>
    `${target}: ${executions.toLocaleString('en')} executions in ${took.toFixed(0)} s (${Math.round(executions / cpuSeconds).toLocaleString('en')} per second of processor time), ` +
    `${corpus} inputs reach ${reached} of ${places} places, ${findings.length} findings`;
  const tell = (what, data) => {
    findings.push(save(file, target, data).then((path) => console.log(`${target}: FOUND, kept as ${path}\n${what}\n`)));
  };
  const running = () => new Uint8Array(current).slice(0, state[0]);
  await new Promise((resolve) => {
    let before = -1;
    const watch = setInterval(() => {
      if (state[1] === before && before > 0) {
        tell(`It did not return within ${HANG_MS / 1000} s.`, running());
        worker.terminate();
      }
      before = state[1];
    }, HANG_MS);
    worker.on('message', (message) => {
      if (message.kind === 'finding') tell(message.error, message.data);
      else if (message.kind === 'stats' || message.kind === 'done') console.log(line(message));
    });
    worker.on('error', (error) => tell(String(error.stack ?? error), running()));
    worker.on('exit', () => {
      clearInterval(watch);
      resolve();
    });
  });
  await Promise.all(findings);
  return findings.length;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    runs: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: String(Date.now() % 0x7fffffff) },
    list: { type: 'boolean', default: false },
  },
});
const known = (await Promise.all(TARGET_FILES.map(prepare))).flat();
const chosen = positionals.includes('all') ? known : known.filter(({ target }) => positionals.includes(target));
const strange = positionals.filter((name) => name !== 'all' && !known.some(({ target }) => target === name));
if (values.list || chosen.length === 0 || strange.length > 0) {
  if (strange.length > 0) console.error(`There is no target ${strange.join(', ')}.`);
  console.log(
    `npm run fuzz -- TARGET… [--seconds N] [--runs N] [--seed N]\nTargets: all, ${known.map(({ target }) => target).join(', ')}`,
  );
  process.exit(values.list ? 0 : 2);
}
const [seconds, runs, seed] = [Number(values.seconds), Number(values.runs), Number(values.seed)];
console.log(`Seed ${seed}`);
let findings = 0;
for (const each of chosen) findings += await fuzz(each, { seconds, runs, seed });
process.exitCode = findings > 0 ? 1 : 0;
