import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { TaskName } from './job-queue';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
const STOP_LIMIT_MS = 1_000;
/** MB. Spans live until their capture is assembled: with Node's small default they are copied about many times before. */
const YOUNG_GENERATION = '--max-semi-space-size=64';

export interface WorkerSupervisor {
  stop(): Promise<void>;
}

export interface WorkerOptions {
  /** File of the worker's program, TypeScript or bundled. */
  readonly program: string;
  readonly databaseUrl: string;
  readonly dataFolder: string;
  readonly protocolsFolder?: string | undefined;
  /** Called after a worker died, so that its job is given to the next one. */
  onDeath(): Promise<void>;
}

/**
 * Keeps one process for files and one for live captures running, so that a large file never delays what people watch
 * live. One that dies is started again after a pause that grows while it keeps dying.
 */
export function superviseWorkers(options: WorkerOptions): WorkerSupervisor {
  const stops = (['ingest', 'follow'] as const).map((task) => superviseOne(task, options));
  return { stop: async () => void (await Promise.all(stops.map((stop) => stop()))) };
}

function superviseOne(task: TaskName, options: WorkerOptions): () => Promise<void> {
  let stopped = false;
  let child: ChildProcess | undefined;
  let pause = FIRST_PAUSE_MS;

  const start = (): void => {
    const began = Date.now();
    child = fork(options.program, [task], {
      execArgv: [
        YOUNG_GENERATION,
        ...(options.program.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : ['--enable-source-maps']),
      ],
      env: {
        ...process.env,
        CAUSEWAY_WORKER_DATABASE: options.databaseUrl,
        CAUSEWAY_DATA: options.dataFolder,
        CAUSEWAY_PROTOCOLS: options.protocolsFolder ?? '',
      },
      // A process group of its own: Ctrl-C reaches the server, which ends its workers in order.
      detached: true,
    });
    child.once('exit', async (code, signal) => {
      if (stopped) return;
      console.error(`The ${task} worker ended (${signal ?? code}); starting another.`);
      pause = Date.now() - began > 60_000 ? FIRST_PAUSE_MS : Math.min(pause * 2, LONGEST_PAUSE_MS);
      await options.onDeath().catch(() => undefined);
      await delay(pause);
      if (!stopped) start();
    });
  };
  start();

  return async () => {
    stopped = true;
    const ending = child;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => ending.once('exit', () => resolve()));
    ending.kill('SIGTERM');
    await Promise.race([ended, delay(STOP_LIMIT_MS, undefined, { ref: false })]);
    if (ending.exitCode === null && ending.signalCode === null) ending.kill('SIGKILL');
    await ended;
  };
}
