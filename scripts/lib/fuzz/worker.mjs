// Runs one target: makes inputs, keeps those that reach something new, reports what throws. The thread that started it
// watches from outside, for what never returns cannot tell.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { dictionaryOf, Mutator, randomFrom } from './mutate.mjs';

const { program, places, constants, target: name, seconds, runs, seed, corpusFolder, current, progress } = workerData;
const counters = new Uint8Array(Math.ceil(places / 4) * 4);
const words = new Uint32Array(counters.buffer);
globalThis.__counters = counters;

const { targets } = await import(pathToFileURL(program).href);
const target = targets.find((each) => each.name === name);
const input = new Uint8Array(current);
/** [0] length of the input that runs, [1] how many ran. */
const state = new Uint32Array(progress);

/** How often a place is passed counts in steps: once, twice, 3, 4–7, 8–15, 16–31, 32–127, more. */
const STEP = Uint8Array.from({ length: 256 }, (_, n) =>
  n === 0 ? 0 : n === 1 ? 1 : n === 2 ? 2 : n === 3 ? 4 : n < 8 ? 8 : n < 16 ? 16 : n < 32 ? 32 : n < 128 ? 64 : 128,
);
const reached = new Uint8Array(counters.length);
const corpus = [];
const findings = new Map();

/** Runs an input; true = it reached something new. */
function run(data) {
  input.set(data);
  state[0] = data.length;
  state[1] += 1;
  counters.fill(0);
  try {
    target.run(data);
  } catch (error) {
    found(data, error);
    return false;
  }
  let isNew = false;
  for (let i = 0; i < words.length; i += 1) {
    if (words[i] === 0) continue;
    for (let place = 4 * i; place < 4 * i + 4; place += 1) {
      const step = STEP[counters[place]];
      if ((reached[place] | step) !== reached[place]) {
        reached[place] |= step;
        isNew = true;
      }
    }
  }
  return isNew;
}

/** Two errors are one finding when they are of one kind and come from one place. */
function signature(error) {
  const where = String(error?.stack ?? error)
    .split('\n')
    .filter((line) => line.trim().startsWith('at '))
    .slice(0, 2);
  return [error?.name, String(error?.message).replace(/\d+/g, 'N'), ...where].join('\n');
}

function fails(data, kind) {
  try {
    target.run(data);
    return false;
  } catch (error) {
    return signature(error) === kind;
  }
}

function found(data, error) {
  const kind = signature(error);
  if (findings.has(kind)) return;
  findings.set(kind, true);
  let least = data.slice();
  for (let size = least.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at + size <= least.length; ) {
      const shorter = new Uint8Array(least.length - size);
      shorter.set(least.subarray(0, at));
      shorter.set(least.subarray(at + size), at);
      if (fails(shorter, kind)) least = shorter;
      else at += size;
    }
  }
  parentPort.postMessage({ kind: 'finding', error: String(error?.stack ?? error), data: least });
}

function keep(data, isSeed = false) {
  if (!run(data)) return;
  corpus.push(data);
  if (!isSeed) writeFileSync(join(corpusFolder, createHash('sha1').update(data).digest('hex').slice(0, 16)), data);
}

mkdirSync(corpusFolder, { recursive: true });
for (const data of target.seeds) keep(data, true);
for (const file of readdirSync(corpusFolder)) keep(new Uint8Array(readFileSync(join(corpusFolder, file))), true);
if (corpus.length === 0) corpus.push(new Uint8Array(0));

const random = randomFrom(seed);
const mutator = new Mutator(random, dictionaryOf(constants), target.maxBytes);
/** What was reached last is tried more often: nothing was made of it yet. */
const pick = () => {
  const recent = Math.max(1, corpus.length >> 2);
  return corpus[random(2) === 0 ? corpus.length - 1 - random(recent) : random(corpus.length)];
};
const began = performance.now();
const cpuBefore = process.cpuUsage();
const start = state[1];
const stats = () => ({
  cpuSeconds: (process.cpuUsage(cpuBefore).user + process.cpuUsage(cpuBefore).system) / 1e6,
  executions: state[1] - start,
  seconds: (performance.now() - began) / 1000,
  corpus: corpus.length,
  reached: reached.reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0),
  places,
});
let told = began;
for (let i = 0; i < runs; i += 1) {
  keep(mutator.make(pick(), corpus[random(corpus.length)]));
  if ((i & 255) !== 0) continue;
  const now = performance.now();
  if (now - began > seconds * 1000) break;
  if (now - told < 5000) continue;
  told = now;
  parentPort.postMessage({ kind: 'stats', ...stats() });
}
parentPort.postMessage({ kind: 'done', ...stats() });
