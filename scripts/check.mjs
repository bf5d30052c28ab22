// Format, types, lint, layers, unused code: every static check, each named, all of them run even when one fails.
import { pathToFileURL } from 'node:url';
import { run } from './lib/run.mjs';

const CHECKS = [
  ['format and lint', 'biome', ['ci', '--colors=off', '.']],
  ['types: core', 'tsc', ['-p', 'packages/core']],
  ['types: replay', 'tsc', ['-p', 'packages/replay']],
  ['types: capture agent', 'tsc', ['-p', 'apps/capture-agent']],
  ['types: web', 'tsc', ['-p', 'apps/web']],
  ['layers', 'depcruise', ['--config', '.dependency-cruiser.cjs', 'packages', 'apps']],
  ['unused code', 'knip', ['--no-progress']],
];

/** Runs every check; returns how many passed and failed. Prints the output of those that failed. */
export async function runChecks() {
  const counts = { passed: 0, failed: 0 };
  for (const [name, command, args] of CHECKS) {
    const began = performance.now();
    const { status, output } = await run(command, args, { capture: true });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${status === 0 ? '✓' : '✗'} ${name} (${seconds} s)`);
    if (status === 0) counts.passed += 1;
    else {
      counts.failed += 1;
      console.log(output.trimEnd());
    }
  }
  return counts;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { failed } = await runChecks();
  process.exitCode = failed === 0 ? 0 : 1;
}
