import { runChecks } from '../doctor/checks';

/** `causeway doctor`: whether this host can record. Returns the exit status. */
export function doctor(options: { readonly json?: boolean }): number {
  const checks = runChecks();
  const possible = checks.every(({ ok }) => ok);
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ possible, checks })}\n`);
    return possible ? 0 : 1;
  }
  for (const { ok, title, detail, remedy } of checks) {
    process.stdout.write(`${ok ? '✓' : '✗'} ${title}: ${detail}\n`);
    if (remedy !== undefined) process.stdout.write(`    → ${remedy}\n`);
  }
  process.stdout.write(
    possible
      ? '\nThis host can record. Not seen by it: io_uring and splice, 32-bit programs, and what is encrypted unless --tls is given.\n'
      : '\nThis host cannot record as it is. Opening captures works all the same.\n',
  );
  return possible ? 0 : 1;
}
