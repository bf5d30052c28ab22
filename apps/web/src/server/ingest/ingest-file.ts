import { stat } from 'node:fs/promises';
import { assembleAll, createSpanIndex } from '@causeway/core';
import { readCapture } from '@causeway/replay';
import { fileSource, nodeCodec } from '@causeway/replay/node';
import type { Sql } from 'postgres';
import type { Capture } from '../database/generated/client';
import { openCopy } from '../store/copy-stream';
import { attachPartition, createLoadingTable, dropPartitions, partitionName } from '../store/partition';
import { SPAN_COLUMNS, spanCopyRow } from '../store/span-rows';
import { CaptureReading } from './capture-reading';
import { type TraceCounts, updateCapture } from './capture-row';
import type { IngestContext } from './context';
import { noteFailure } from './ingest-failure';
import { loadTraces } from './load-traces';
import { summariseServices } from './service-summary';

const PROGRESS_EVERY_MS = 300;
/** Progress that reading the file stands for; the rest is assembly and indexes. */
const READING_SHARE = 0.9;

/**
 * Reads a complete capture file into its partitions, all in one transaction: queries see either nothing or everything,
 * and a job that was interrupted is simply done again.
 */
export async function ingestFile(context: IngestContext, captureId: string): Promise<void> {
  const row = await context.database.prisma.capture.findUnique({ where: { id: captureId } });
  if (row === null) return;
  await noteFailure(context, captureId, () => ingest(context, row));
}

async function ingest({ database, data, signal }: IngestContext, row: Capture): Promise<void> {
  const path = data.resolve(row.filePath);
  const { size } = await stat(path);
  await updateCapture(database, row.id, { state: 'ingesting', progress: 0, problem: null });
  const reading = new CaptureReading((span) => {
    const before = index.size;
    index.add([span]);
    // Ids are unique unless a file holds the same recording twice; its second half brings nothing new.
    if (index.size > before) write?.(spanCopyRow(span, reading.timeOrigin));
  });
  const index = createSpanIndex();
  let write: ((row: string) => void) | undefined;

  const counts = await database.sql.begin(async (transaction): Promise<TraceCounts> => {
    const sql = transaction as unknown as Sql;
    await sql`SET LOCAL synchronous_commit = off`;
    await dropPartitions(sql, row.id);
    const copy = await openCopy(sql, await createLoadingTable(sql, 'span', row.id), SPAN_COLUMNS, 'WITH (FREEZE)');
    write = copy.push;
    let told = performance.now();
    try {
      for await (const item of readCapture(fileSource(path), nodeCodec)) {
        reading.push(item);
        await copy.drained();
        if (performance.now() - told < PROGRESS_EVERY_MS) continue;
        signal.throwIfAborted();
        told = performance.now();
        await updateCapture(database, row.id, { progress: (reading.position / Math.max(1, size)) * READING_SHARE });
      }
      reading.end();
      await copy.end();
    } catch (error) {
      copy.abort();
      throw error;
    }
    await updateCapture(database, row.id, { progress: READING_SHARE });
    // The database builds indexes while the traces are assembled here.
    const attached = attachPartition(sql, 'span', row.id);
    const assembled = assembleAll(index);
    await attached;
    await createLoadingTable(sql, 'trace', row.id);
    const traces = await loadTraces(sql, row.id, assembled, reading.timeOrigin);
    await attachPartition(sql, 'trace', row.id);
    return { spans: copy.rows, ...traces };
  });

  await database.sql.unsafe(`ANALYZE ${partitionName('span', row.id)}, ${partitionName('trace', row.id)}`);
  const facts = reading.facts();
  await updateCapture(database, row.id, {
    state: 'ready',
    progress: 1,
    problem: facts.damage[0] ?? null,
    facts,
    counts,
    services: await summariseServices(database.sql, row.id),
    sizeBytes: size,
  });
}
