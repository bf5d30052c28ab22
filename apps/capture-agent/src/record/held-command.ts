import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/** How a program ended. */
export interface CommandEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A program that waits before its first instruction: a shell blocks on a pipe and then becomes the program, so the pid
 * is known before the program begins.
 */
export class HeldCommand {
  readonly pid: number;
  readonly ended: Promise<CommandEnd>;
  private readonly child: ChildProcess;

  constructor(command: readonly string[], user?: { readonly uid: number; readonly gid: number }) {
    this.child = spawn('/bin/sh', ['-c', 'read -r _ <&3 && exec 3<&- "$@"', 'sh', ...command].map(String), {
      stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
      ...user,
    });
    if (this.child.pid === undefined) throw new Error('the command cannot be started: there is no /bin/sh');
    this.pid = this.child.pid;
    this.ended = new Promise((resolve) => {
      this.child.once('close', (status, signal) => resolve({ status, signal }));
    });
  }

  /** Lets the program begin. */
  release(): void {
    const gate = this.child.stdio[3] as Writable;
    gate.on('error', () => {});
    gate.end('\n');
  }

  /** Nothing happens when it has ended. */
  kill(signal: NodeJS.Signals): void {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
  }
}
