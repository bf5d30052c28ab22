import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How a program ended. */
export interface CommandEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A program that waits before its first instruction: a shell blocks on a named pipe and then becomes the program, so the
 * pid is known before the program begins. (A pipe of Node's is a socket, whose use would be recorded.)
 */
export class HeldCommand {
  readonly pid: number;
  readonly ended: Promise<CommandEnd>;
  private readonly child: ChildProcess;
  private readonly gate: number;

  constructor(command: readonly string[], user?: { readonly uid: number; readonly gid: number }) {
    const { ours, theirs } = makeGate();
    this.gate = ours;
    this.child = spawn('/bin/sh', ['-c', 'read -r _ <&3 && exec 3<&- "$@"', 'sh', ...command].map(String), {
      stdio: ['inherit', 'inherit', 'inherit', theirs],
      ...user,
    });
    closeSync(theirs);
    if (this.child.pid === undefined) throw new Error('the command cannot be started: there is no /bin/sh');
    this.pid = this.child.pid;
    this.ended = new Promise((resolve) => {
      this.child.once('close', (status, signal) => resolve({ status, signal }));
    });
  }

  /** Lets the program begin. */
  release(): void {
    writeSync(this.gate, '\n');
    closeSync(this.gate);
  }

  /** Nothing happens when it has ended. */
  kill(signal: NodeJS.Signals): void {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
  }
}

/** Both ends of a named pipe that has lost its name. The writing end is opened first, as opening the other waits for it. */
function makeGate(): { readonly ours: number; readonly theirs: number } {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-gate-'));
  try {
    const path = join(folder, 'gate');
    const { status, stderr } = spawnSync('mkfifo', [path], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the command cannot be started: ${stderr.trim() || 'there is no mkfifo'}`);
    return { ours: openSync(path, 'r+'), theirs: openSync(path, 'r') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
