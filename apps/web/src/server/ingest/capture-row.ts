import type { ReadingFacts } from '../../answers/capture-reading';
import type { CaptureState, ServiceSummary } from '../../api/contract';
import type { Database } from '../database/database';
import type { Prisma } from '../database/generated/client';
import { CaptureGone } from './context';

export interface TraceCounts {
  readonly spans: number;
  readonly traces: number;
  readonly errorTraces: number;
}

/** What may change of a capture's row while it is read. */
export interface RowChange {
  readonly state?: CaptureState;
  /** 0–1 */
  readonly progress?: number;
  readonly problem?: string | null;
  /** What of the file could not be read, one sentence each; `facts` bring their own. */
  readonly damage?: readonly string[];
  readonly facts?: ReadingFacts;
  readonly counts?: TraceCounts;
  readonly services?: readonly ServiceSummary[];
  readonly sizeBytes?: number;
}

/** Writes a change and tells whether the capture is complete. @throws CaptureGone when it was deleted */
export async function updateCapture(
  { prisma }: Database,
  captureId: string,
  change: RowChange,
): Promise<{ complete: boolean }> {
  const { facts, counts } = change;
  const data: Prisma.CaptureUpdateManyMutationInput = {
    ...(change.state !== undefined && { state: change.state }),
    ...(change.progress !== undefined && { progress: change.progress }),
    ...(change.problem !== undefined && { problem: change.problem }),
    ...(change.sizeBytes !== undefined && { sizeBytes: BigInt(change.sizeBytes) }),
    ...(change.services !== undefined && { services: asJson(change.services) }),
    ...(change.damage !== undefined && { damage: asJson(change.damage) }),
    ...(facts !== undefined && {
      ...(facts.header !== undefined && { header: asJson(facts.header) }),
      coverage: asJson(facts.coverage),
      damage: asJson(facts.damage),
      losses: asJson(facts.losses),
      tags: asJson(facts.tags),
      timeOrigin: facts.timeOrigin,
      startedNs: facts.startedNs ?? null,
      endedNs: facts.endedNs ?? null,
      eventCount: BigInt(facts.coverage.events),
    }),
    ...(counts !== undefined && {
      spanCount: BigInt(counts.spans),
      traceCount: BigInt(counts.traces),
      errorTraces: BigInt(counts.errorTraces),
    }),
  };
  const [row] = await prisma.capture.updateManyAndReturn({
    where: { id: captureId },
    data,
    select: { complete: true },
  });
  if (row === undefined) throw new CaptureGone();
  return row;
}

/** Prisma's type of JSON wants index signatures; ours are plain interfaces of JSON values. */
function asJson(value: object): Prisma.InputJsonValue {
  return value as Prisma.InputJsonValue;
}
