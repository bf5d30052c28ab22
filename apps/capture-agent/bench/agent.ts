import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/native/package-root';

/** What Linux counts processor time in (`USER_HZ`). */
const TICKS_PER_SECOND = 100;

/** Processor time of a process. Behind `pid (comm)`, utime and stime are the fields 14 and 15 of proc(5). */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** What a recorder said and took, from when it recorded to its end. */
export interface AgentFigures {
  readonly events: number;
  readonly dropped: number;
  readonly cpuSeconds: number;
  /** The most it ever had in memory, bytes. */
  readonly peakBytes: number;
}

/** `causeway record` of some processes as its users run it, from the bundle, on the second processor. */
export class Agent {
  private said = '';
  private cpuAtStart = 0;

  private constructor(private readonly child: ChildProcess) {
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.said += text;
    });
  }

  /** Resolves when it records. */
  static async start(output: string, pids: readonly number[]): Promise<Agent> {
    const command = [join(packageRoot(), 'bin', 'causeway.mjs'), 'record', '-o', output, '--pid', ...pids.map(String)];
    const child = spawn('taskset', ['-c', '1', process.execPath, ...command], { stdio: ['ignore', 'ignore', 'pipe'] });
    const agent = new Agent(child);
    while (!/^Recording to/m.test(agent.said)) {
      await Promise.race([once(child.stderr!, 'data'), once(child, 'close')]);
      if (child.exitCode !== null) throw new Error(agent.said);
    }
    agent.cpuAtStart = cpuSecondsOf(child.pid!);
    return agent;
  }

  async end(): Promise<AgentFigures> {
    const pid = this.child.pid!;
    const cpuSeconds = cpuSecondsOf(pid) - this.cpuAtStart;
    const peakBytes = Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
    this.child.kill('SIGINT');
    await once(this.child, 'close');
    const number = (pattern: RegExp) => Number((pattern.exec(this.said)?.[1] ?? '0').replaceAll(',', ''));
    return {
      events: number(/^Recorded ([\d,]+) events?/m),
      dropped: number(/^([\d,]+) events? came faster/m),
      cpuSeconds,
      peakBytes,
    };
  }
}
