import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { compile, scratchFolder } from './recorded';

/** For a group of tests: a folder, the program `traffic`, and programs that end with the test which started them. */
export class TrafficStage {
  readonly folder = scratchFolder();
  /** Path of the program. */
  traffic = '';
  private readonly children: ChildProcess[] = [];

  constructor() {
    beforeAll(() => {
      this.traffic = compile('traffic', this.folder.path);
    });
    afterEach(() => {
      for (const child of this.children.splice(0)) child.kill('SIGKILL');
    });
    afterAll(() => this.folder.remove());
  }

  start(command: string, ...args: string[]): ChildProcess {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stderr!.resume();
    this.children.push(child);
    return child;
  }
}
