import { makeWorkerUtils, type WorkerUtils } from 'graphile-worker';
import type { Sql } from 'postgres';
import { QUIET_LOGGER } from './quiet-logger';
import { WORKER_LOCK_CLASS } from './worker-liveness';

/** `ingest` reads a complete file once; `follow` reads a growing one until it is complete. */
export type TaskName = 'ingest' | 'follow';

/** The queue of ingest jobs, in the database, so that several machines may work on it. */
export interface JobQueue {
  /** One job a capture: a waiting one is replaced; one that a worker is running is left alone unless `again`. */
  enqueue(task: TaskName, captureId: string, again?: boolean): Promise<void>;
  /** Frees the jobs of workers that died without a word. */
  freeDeadWorkers(): Promise<void>;
  close(): Promise<void>;
}

const ATTEMPTS: Record<TaskName, number> = { ingest: 3, follow: 1000 };

export async function openJobQueue(databaseUrl: string, sql: Sql): Promise<JobQueue> {
  const utils: WorkerUtils = await makeWorkerUtils({
    connectionString: databaseUrl,
    logger: QUIET_LOGGER,
    maxPoolSize: 2,
  });
  await utils.migrate();
  return {
    async enqueue(task, captureId, again = false) {
      const jobKey = `capture:${captureId}`;
      const running = await sql`SELECT 1 FROM graphile_worker.jobs WHERE key = ${jobKey} AND locked_at IS NOT NULL`;
      if (running.length > 0 && !again) return;
      // The queue name keeps two jobs of one capture apart.
      await utils.addJob(task, { captureId }, { jobKey, queueName: jobKey, maxAttempts: ATTEMPTS[task] });
    },
    async freeDeadWorkers() {
      const holders = await sql<{ worker: string }[]>`
        SELECT DISTINCT locked_by AS worker FROM graphile_worker.jobs WHERE locked_by IS NOT NULL`;
      for (const { worker } of holders) {
        const dead = await sql.begin(async (tx) => {
          const [row] = await tx<{ free: boolean }[]>`
            SELECT pg_try_advisory_xact_lock(${WORKER_LOCK_CLASS}, hashtext(${worker})) AS free`;
          return row?.free === true;
        });
        if (dead) await utils.forceUnlockWorkers([worker]);
      }
    },
    close: async () => utils.release(),
  };
}
