import type { HostClock, HostClocks } from '@causeway/core';
import type { Sql } from 'postgres';
import { z } from 'zod';
import type { WorkspaceRecord } from '../../answers/workspace-details';
import type { ServiceSummary, WorkspaceState } from '../../api/contract';
import type { Prisma } from '../database/generated/client';
import { captureRecord } from './capture-rows';

/** What is asked of the database along with a workspace. */
export const WITH_CAPTURES = {
  captures: { include: { capture: true }, orderBy: { captureId: 'asc' } },
} as const satisfies Prisma.WorkspaceInclude;
export type WorkspaceRow = Prisma.WorkspaceGetPayload<{ include: typeof WITH_CAPTURES }>;

const stateSchema = z.enum(['queued', 'assembling', 'ready', 'failed']) satisfies z.ZodType<WorkspaceState>;

/** A row as what the answers are made of. */
export function workspaceRecord(row: WorkspaceRow): WorkspaceRecord {
  return {
    id: row.id,
    name: row.name,
    state: stateSchema.parse(row.state),
    problem: row.problem ?? undefined,
    captures: row.captures.map(({ capture }) => captureRecord(capture)),
    hostClocks: storedClocks(row),
    services: row.services as unknown as readonly ServiceSummary[],
    spanCount: Number(row.spanCount),
    traceCount: Number(row.traceCount),
    errorTraceCount: Number(row.errorTraces),
    createdAt: row.createdAt.toISOString(),
  };
}

/** The clocks that the workspace's traces were assembled by. */
function storedClocks({ clocks }: Pick<WorkspaceRow, 'clocks'>): HostClocks {
  return new Map((clocks as unknown as readonly HostClock[]).map((clock) => [clock.host, clock]));
}

/** A growing capture changes all the time: its workspaces are assembled anew no more often than this. */
const AGAIN_AFTER_SECONDS = 5;

/**
 * Has a workspace assembled, or all that hold a capture. A job that waits already is enough for several changes; one that
 * runs is followed by another.
 */
export async function enqueueAssembly(sql: Sql, of: { workspace: string } | { capture: string }): Promise<void> {
  const ids =
    'workspace' in of
      ? [of.workspace]
      : (
          await sql<{ id: string }[]>`SELECT workspace_id AS id FROM workspace_capture WHERE capture_id = ${of.capture}`
        ).map(({ id }) => id);
  for (const id of ids) {
    const key = `workspace:${id}`;
    const delay = 'workspace' in of ? 0 : AGAIN_AFTER_SECONDS;
    await sql`
      SELECT graphile_worker.add_job(
        'assemble', json_build_object('captureId', ${id}::text), queue_name := ${key}, job_key := ${key},
        run_at := now() + make_interval(secs => ${delay}), max_attempts := 3,
        job_key_mode := ${delay === 0 ? 'replace' : 'preserve_run_at'})`;
  }
}
