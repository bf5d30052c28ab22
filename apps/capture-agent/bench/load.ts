import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../src/native/package-root';

/** Compiles `load.c` into the folder and returns the program's path. */
export function compileLoad(folder: string): string {
  const program = join(folder, 'load');
  const { status, stderr } = spawnSync('cc', ['-O2', join(packageRoot(), 'bench', 'load.c'), '-o', program], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return program;
}

/** The other side of `load.c`. */
export class Load {
  readonly pid: number;
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(program: string, args: readonly string[] = []) {
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.pid = this.child.pid!;
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /** Apart from the agent, which is on the second (`agent.ts`). */
  static onFirstProcessor(program: string): Load {
    return new Load('taskset', ['-c', '0', program]);
  }

  /** What it answers to a command. */
  async ask(command: string): Promise<string> {
    this.child.stdin!.write(`${command}\n`);
    const { value, done } = await this.lines.next();
    if (done === true) throw new Error(`the load has ended at \`${command}\``);
    return value;
  }

  end(): void {
    this.child.stdin!.end();
  }
}
