import { EventEmitter } from 'node:events';
import { run, type WorkerEvents } from 'graphile-worker';
import { z } from 'zod';
import { DataFolder } from './data-folder';
import { connectDatabase } from './database/database';
import { assembleWorkspace } from './ingest/assemble-workspace';
import { Interrupted } from './ingest/context';
import { followCapture } from './ingest/follow-capture';
import { ingestFile } from './ingest/ingest-file';
import { operatorsProtocols } from './ingest/operators-protocols';
import { QUIET_LOGGER } from './jobs/quiet-logger';
import { holdLivenessLock } from './jobs/worker-liveness';

/**
 * Process that works on the queue: `node worker.js ingest|follow`, started by the server. The first reads one file at a
 * time, the second follows many growing ones.
 */
const CONCURRENCY = { ingest: 1, follow: 32 };
const END_LIMIT_MS = 3_000;

const task = z.enum(['ingest', 'follow']).parse(process.argv[2]);
const databaseUrl = z.string().parse(process.env.CAUSEWAY_WORKER_DATABASE);
const data = new DataFolder(z.string().parse(process.env.CAUSEWAY_DATA));
const payload = z.object({ captureId: z.uuid() });

const stopping = new AbortController();
const closers: (() => Promise<unknown>)[] = [];
let ended = false;

async function end(): Promise<void> {
  if (ended) return;
  ended = true;
  // A database that is gone as well must not keep this process.
  setTimeout(() => process.exit(1), END_LIMIT_MS).unref();
  stopping.abort(new Interrupted());
  for (const close of closers.reverse()) await close().catch(() => undefined);
  process.exit(0);
}
process.on('SIGTERM', end);
process.on('SIGINT', end);
// The server is gone, however it went; perhaps before this line was reached.
process.on('disconnect', end);
if (process.send !== undefined && !process.connected) await end();

const ownParsers = await operatorsProtocols(process.env.CAUSEWAY_PROTOCOLS);
const database = await connectDatabase(databaseUrl);
closers.push(() => database.close());
/** Workspaces are assembled by the worker that reads files: either may need much memory. */
const work: Record<string, typeof ingestFile> =
  task === 'ingest' ? { ingest: ingestFile, assemble: assembleWorkspace } : { follow: followCapture };
const events: WorkerEvents = new EventEmitter();
const pool = new Promise<string>((resolve) => events.once('pool:create', ({ workerPool }) => resolve(workerPool.id)));
const runner = await run({
  events,
  connectionString: databaseUrl,
  concurrency: CONCURRENCY[task],
  maxPoolSize: CONCURRENCY[task] + 3,
  pollInterval: 1000,
  noHandleSignals: true,
  logger: QUIET_LOGGER,
  taskList: Object.fromEntries(
    Object.entries(work).map(([name, run]) => [
      name,
      (input: unknown) => run({ database, data, ownParsers, signal: stopping.signal }, payload.parse(input).captureId),
    ]),
  ),
});
closers.push(() => runner.stop());
const alive = await holdLivenessLock(databaseUrl, await pool);
closers.push(() => alive.release());
