import { createSpanIndex } from '@causeway/core';
import type { Sql } from 'postgres';
import { assembleTogether } from '../../answers/assemble-together';
import { summariseServices } from '../../answers/service-summary';
import { adoptSpan, spanSources } from '../../answers/span-sources';
import type { Database } from '../database/database';
import type { Prisma } from '../database/generated/client';
import { messageOf } from '../plain-error';
import { addIndexes, attachPartition, createLoadingTable, dropPartitions } from '../store/partition';
import { readSpans } from '../store/span-blocks';
import { WITH_CAPTURES, type WorkspaceRow, workspaceRecord } from '../store/workspace-rows';
import type { IngestContext } from './context';
import { isPassing } from './ingest-failure';
import { loadTraces } from './load-traces';

/** Rows of spans that are asked for at once. */
const BLOCKS_A_READ = 64;

/** Assembles the captures of a workspace together and writes its trace rows. What was listed before stays until then. */
export async function assembleWorkspace(context: IngestContext, workspaceId: string): Promise<void> {
  const { database, signal } = context;
  const row = await database.prisma.workspace.findUnique({ where: { id: workspaceId }, include: WITH_CAPTURES });
  if (row === null) return;
  try {
    await assemble(database, row, signal);
  } catch (error) {
    if (signal.aborted || isPassing(error)) throw error;
    console.error(`Assembly of ${workspaceId}:`, error);
    const problem = `The captures could not be assembled together (${messageOf(error)}).`;
    await change(database, workspaceId, { state: 'failed', problem });
  }
}

async function assemble(database: Database, row: WorkspaceRow, signal: AbortSignal): Promise<void> {
  await change(database, row.id, { state: 'assembling', problem: null });
  const { timeOrigin, sources, hosts } = spanSources(workspaceRecord(row).captures);
  const index = createSpanIndex();
  for (const source of sources) {
    // The last first: a later block may hold a span once more, with what was found out about it since.
    const blocks = database.sql<{ body: Buffer }[]>`
      SELECT body FROM span_block WHERE capture_id = ${source.captureId} ORDER BY block DESC`.cursor(BLOCKS_A_READ);
    for await (const rows of blocks) {
      signal.throwIfAborted();
      for (const { body } of rows) index.add(readSpans(body).map((span) => adoptSpan(span, source, hosts)));
    }
  }
  const { hostClocks, traces } = assembleTogether(index);
  const counts = await database.sql.begin(async (transaction) => {
    const sql = transaction as unknown as Sql;
    await dropPartitions(sql, row.id);
    await createLoadingTable(sql, 'trace', row.id);
    const loaded = await loadTraces(sql, row.id, traces, timeOrigin);
    await addIndexes(sql, 'trace', row.id);
    await attachPartition(sql, 'trace', row.id);
    return loaded;
  });
  const kept = await change(database, row.id, {
    state: 'ready',
    clocks: asJson([...hostClocks.values()]),
    services: asJson(summariseServices(index.all())),
    timeOrigin,
    spanCount: BigInt(index.size),
    traceCount: BigInt(counts.traces),
    errorTraces: BigInt(counts.errorTraces),
  });
  // Deleted meanwhile: its rows must not stay.
  if (!kept) await dropPartitions(database.sql, row.id);
}

/** Whether the workspace is still there. */
async function change(
  { prisma }: Database,
  id: string,
  data: Prisma.WorkspaceUpdateManyMutationInput,
): Promise<boolean> {
  return (await prisma.workspace.updateMany({ where: { id }, data })).count > 0;
}

/** Prisma's type of JSON wants index signatures; ours are plain interfaces of JSON values. */
function asJson(value: object): Prisma.InputJsonValue {
  return value as Prisma.InputJsonValue;
}
