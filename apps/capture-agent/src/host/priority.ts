import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** Beside a program of the usual priority on the same processor: a quarter of its time, when the program wants all of it. */
const NICENESS = 5;

/**
 * Lets other programs go first from here on, for all threads that this process has: each has a priority of its own. Those
 * that are made later inherit it, and so do programs that are started later.
 */
export function giveWay(): void {
  for (const thread of readdirSync('/proc/self/task').map(Number)) {
    try {
      setPriority(thread, Math.max(getPriority(thread), NICENESS));
    } catch {
      // It has ended meanwhile.
    }
  }
}
