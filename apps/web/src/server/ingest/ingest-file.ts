import { stat } from 'node:fs/promises';
import { assembleAll, attributedCalls, createSpanIndex, type Span } from '@causeway/core';
import { readCapture } from '@causeway/replay';
import { fileSource, nodeCodec } from '@causeway/replay/node';
import type { Sql } from 'postgres';
import { CaptureReading } from '../../answers/capture-reading';
import { summariseServices } from '../../answers/service-summary';
import type { Capture } from '../database/generated/client';
import { type CopyStream, openCopy } from '../store/copy-stream';
import { addIndexes, analysePartitions, attachPartition, createLoadingTable, dropPartitions } from '../store/partition';
import { SPAN_BLOCK_FORMAT, SPANS_A_BLOCK, type SpanBlock, spanBlocks } from '../store/span-blocks';
import { enqueueAssembly } from '../store/workspace-rows';
import { type TraceCounts, updateCapture } from './capture-row';
import type { IngestContext } from './context';
import { importUpload } from './import-upload';
import { noteFailure } from './ingest-failure';
import { loadTraces } from './load-traces';

const PROGRESS_EVERY_MS = 300;
/** Progress that reading the file stands for; the rest is assembly and its rows. */
const READING_SHARE = 0.8;

/**
 * Reads a complete capture file into its partitions, all in one transaction: queries see either nothing or everything,
 * and a job that was interrupted is simply done again.
 */
export async function ingestFile(context: IngestContext, captureId: string): Promise<void> {
  const row = await context.database.prisma.capture.findUnique({ where: { id: captureId } });
  if (row === null) return;
  await noteFailure(context, captureId, () => ingest(context, row));
}

async function ingest({ database, data, ownParsers, signal }: IngestContext, row: Capture): Promise<void> {
  const path = data.resolve(row.filePath);
  await updateCapture(database, row.id, { state: 'ingesting', progress: 0, problem: null });
  const imported = await importUpload({ database, signal }, row.id, path);
  const { size } = await stat(path);
  const index = createSpanIndex();
  let copy: CopyStream<SpanBlock> | undefined;
  let spans: Span[] = [];
  const push = (): void => {
    if (spans.length > 0) copy?.push({ block: copy.rows, spans });
    spans = [];
  };
  const reading = new CaptureReading(
    ownParsers,
    (span) => {
      const before = index.size;
      index.add([span]);
      // Ids are unique unless a file holds the same recording twice; its second half brings nothing new.
      if (index.size > before) spans.push(span);
      if (spans.length === SPANS_A_BLOCK) push();
    },
    imported.damage,
  );

  const counts = await database.sql.begin(async (transaction): Promise<TraceCounts> => {
    const sql = transaction as unknown as Sql;
    await sql`SET LOCAL synchronous_commit = off`;
    await dropPartitions(sql, row.id);
    const table = await createLoadingTable(sql, 'span_block', row.id);
    // Before the rows: the database keeps it up to date while the file is being read here, so nothing waits for it.
    await addIndexes(sql, 'span_block', row.id);
    copy = await openCopy(sql, table, SPAN_BLOCK_FORMAT, { frozen: true, rowByRow: true });
    let told = performance.now();
    try {
      for await (const item of readCapture(fileSource(path), nodeCodec)) {
        reading.push(item);
        await copy.drained();
        if (performance.now() - told < PROGRESS_EVERY_MS) continue;
        signal.throwIfAborted();
        told = performance.now();
        const share = reading.position / Math.max(1, size);
        await updateCapture(database, row.id, { progress: imported.share + share * (READING_SHARE - imported.share) });
      }
      reading.end();
      push();
      // What the whole capture says of single calls. Their blocks come after those with the same spans, and count instead.
      const attributed = attributedCalls(index.all());
      index.replace(attributed);
      for (const block of spanBlocks(attributed, copy.rows)) {
        copy.push(block);
        await copy.drained();
      }
    } catch (error) {
      copy.abort();
      throw error;
    }
    const copied = copy.end();
    const assembled = assembleAll(index);
    await copied;
    await attachPartition(sql, 'span_block', row.id);
    await updateCapture(database, row.id, { progress: READING_SHARE });
    await createLoadingTable(sql, 'trace', row.id);
    const traces = await loadTraces(sql, row.id, assembled, reading.timeOrigin);
    await addIndexes(sql, 'trace', row.id);
    await attachPartition(sql, 'trace', row.id);
    return { spans: index.size, ...traces };
  });

  const analysed = analysePartitions(database.sql, row.id);
  const facts = reading.facts();
  const services = summariseServices(index.all());
  await analysed;
  await updateCapture(database, row.id, {
    state: 'ready',
    progress: 1,
    problem: facts.damage[0] ?? null,
    facts,
    counts,
    services,
    sizeBytes: size,
  });
  await enqueueAssembly(database.sql, { capture: row.id });
}
