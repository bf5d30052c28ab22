import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { assembleAll } from '@causeway/core';
import { CaptureReader } from '@causeway/replay';
import { followFile, nodeCodec } from '@causeway/replay/node';
import type { Sql } from 'postgres';
import { CaptureReading } from '../../answers/capture-reading';
import { summariseServices } from '../../answers/service-summary';
import type { Capture } from '../database/generated/client';
import {
  addIndexes,
  analysePartitions,
  attachPartition,
  createLoadingTable,
  dropPartitions,
  partitionName,
} from '../store/partition';
import { enqueueAssembly } from '../store/workspace-rows';
import { updateCapture } from './capture-row';
import type { IngestContext } from './context';
import { noteFailure } from './ingest-failure';
import { LiveStore } from './live-store';
import { loadTraces } from './load-traces';

const POLL_MS = 100;
/** New spans wait this long at most before they can be seen. */
const FLUSH_EVERY_MS = 400;
const SERVICES_EVERY_MS = 5_000;
/** An agent that sent nothing for this long went away without ending its capture. */
const GIVEN_UP_AFTER_MS = 10 * 60_000;

/**
 * Reads a growing capture until it is complete: spans and traces are shown as they come. A job that was interrupted starts
 * from the file's beginning again, so the result never depends on where it was cut.
 */
export async function followCapture(
  context: IngestContext,
  captureId: string,
  givenUpAfterMs = GIVEN_UP_AFTER_MS,
): Promise<void> {
  const row = await context.database.prisma.capture.findUnique({ where: { id: captureId } });
  if (row === null) return;
  await noteFailure(context, captureId, () => follow(context, row, givenUpAfterMs));
}

async function follow(
  { database, data, ownParsers, signal }: IngestContext,
  row: Capture,
  givenUpAfterMs: number,
): Promise<void> {
  const path = data.resolve(row.filePath);
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  signal.addEventListener('abort', stop);
  await database.sql.begin(async (transaction) => {
    const sql = transaction as unknown as Sql;
    await dropPartitions(sql, row.id);
    for (const table of ['span_block', 'trace'] as const) {
      await createLoadingTable(sql, table, row.id);
      await addIndexes(sql, table, row.id);
      await attachPartition(sql, table, row.id);
    }
  });
  const store = new LiveStore(database.sql, row.id);
  const reading = new CaptureReading(ownParsers, (span) => store.add(span));
  const reader = new CaptureReader(nodeCodec);
  let complete = row.complete;
  let lastGrowth = performance.now();

  /** Writes what is new; runs beside the reading, in the pauses between two chunks. */
  const flush = async (): Promise<void> => {
    if (await store.flush(reading.timeOrigin)) await enqueueAssembly(database.sql, { capture: row.id });
    ({ complete } = await updateCapture(database, row.id, { facts: reading.facts(), counts: store.counts }));
  };
  const flushing = repeat(flush, FLUSH_EVERY_MS, stopped);
  const summing = repeat(
    async () => void (await updateCapture(database, row.id, { services: summariseServices(store.index.all()) })),
    SERVICES_EVERY_MS,
    stopped,
  );
  const beside = Promise.all([flushing, summing]);
  // Its failure stops the following below and is thrown there; until then nobody else waits for it.
  beside.catch(() => undefined);
  try {
    await untilExists(path, stopped.signal);
    const chunks = followFile(path, {
      signal: stopped.signal,
      pollMs: POLL_MS,
      isComplete: () => complete || performance.now() - lastGrowth > givenUpAfterMs,
    });
    for await (const chunk of chunks) {
      lastGrowth = performance.now();
      for (const item of reader.push(chunk)) reading.push(item);
      // Lets the flush run between chunks when there is much to catch up with.
      await delay(0);
    }
  } finally {
    stopped.abort();
    signal.removeEventListener('abort', stop);
    await beside;
  }
  signal.throwIfAborted();
  await finish({ database, data }, row, { reading, reader, store, complete });
}

interface Followed {
  readonly reading: CaptureReading;
  readonly reader: CaptureReader;
  readonly store: LiveStore;
  readonly complete: boolean;
}

/** Assembles everything once more, so that a live capture ends as the same rows that reading its file would give. */
async function finish(
  { database, data }: Pick<IngestContext, 'database' | 'data'>,
  row: Capture,
  { reading, reader, store, complete }: Followed,
): Promise<void> {
  for (const item of reader.end()) reading.push(item);
  reading.end();
  await store.flush(reading.timeOrigin);
  await store.attribute();
  const traces = await database.sql.begin(async (transaction) => {
    const sql = transaction as unknown as Sql;
    await sql.unsafe(`DELETE FROM ${partitionName('trace', row.id)}`);
    return loadTraces(sql, row.id, assembleAll(store.index), reading.timeOrigin);
  });
  await analysePartitions(database.sql, row.id);
  const facts = reading.facts();
  const problem = complete
    ? (facts.damage[0] ?? null)
    : 'The agent stopped sending without ending the capture; if it comes back, the capture goes on.';
  await updateCapture(database, row.id, {
    state: 'ready',
    progress: 1,
    problem,
    facts,
    counts: { spans: store.counts.spans, ...traces },
    services: summariseServices(store.index.all()),
    sizeBytes: (await stat(data.resolve(row.filePath))).size,
  });
  await enqueueAssembly(database.sql, { capture: row.id });
}

/** The row comes before the file. */
async function untilExists(path: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await stat(path).catch(() => undefined)) === undefined) {
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Runs `work` again and again until stopped. Its failure stops everything and is thrown here. */
async function repeat(work: () => Promise<void>, everyMs: number, stopped: AbortController): Promise<void> {
  while (!stopped.signal.aborted) {
    await delay(everyMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    if (stopped.signal.aborted) return;
    try {
      await work();
    } catch (error) {
      stopped.abort();
      throw error;
    }
  }
}
