// `npm test`: all set-up, every static check, every test. Ends with one line that sums all of it.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bootstrap } from './bootstrap/index.mjs';
import { runChecks } from './check.mjs';
import { ROOT, run } from './lib/run.mjs';

const REPORT = join(ROOT, '.causeway', 'test-report.json');

/** Reads vitest's JSON report. A run that died before writing one counts as one failure. */
async function readReport() {
  try {
    const report = JSON.parse(await readFile(REPORT, 'utf8'));
    const tests = report.testResults.flatMap((file) => file.assertionResults);
    const brokenFiles = report.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.length === 0,
    );
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + brokenFiles.length,
      skipped: tests
        .filter((test) => test.status === 'pending' || test.status === 'skipped')
        .map((test) => test.fullName),
    };
  } catch (error) {
    console.error(`The test runner left no report: ${error.message}`);
    return { passed: 0, failed: 1, skipped: [] };
  }
}

await bootstrap({ purpose: 'test' });
const checks = await runChecks();

await rm(REPORT, { force: true });
const { status } = await run('vitest', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${REPORT}`,
  ...process.argv.slice(2),
]);
const tests = await readReport();
// A runner that failed although each test passed (an unhandled rejection, say) is a failure too.
if (status !== 0 && tests.failed === 0) tests.failed = 1;

if (tests.skipped.length > 0) {
  console.log(`\nSkipped, because this machine lacks what they need (${tests.skipped.length}):`);
  for (const name of tests.skipped) console.log(`  ↓ ${name}`);
}
const passed = checks.passed + tests.passed;
const failed = checks.failed + tests.failed;
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
