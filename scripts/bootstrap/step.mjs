/**
 * Runs one step and prints a line with what it did and how long it took. `work` resolves to a few words on what was done.
 * An error whose `sentence` is set ends the process with that sentence; `soft` errors are said and passed over.
 */
export async function step(name, work) {
  const began = performance.now();
  try {
    const done = await work();
    console.log(`✓ ${name}: ${done} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  } catch (error) {
    if (error instanceof StepError && error.soft) {
      console.log(`! ${name}: ${error.message}`);
      return;
    }
    console.error(`✗ ${name}: ${error instanceof StepError ? error.message : error.stack}`);
    process.exit(1);
  }
}

/** `message` is a sentence for the person at the terminal. A soft one does not stop the rest. */
export class StepError extends Error {
  constructor(message, { soft = false } = {}) {
    super(message);
    this.soft = soft;
  }
}

/** The sentence for an output that tells of a full disk, otherwise `fallback`. */
export function explain(output, fallback) {
  if (/ENOSPC|no space left/i.test(output)) return 'The disk is full: make room and start again.';
  return fallback;
}
