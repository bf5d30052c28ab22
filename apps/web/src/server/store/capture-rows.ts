import type { LossInterval, TimeOrigin } from '@causeway/core';
import { z } from 'zod';
import type { CaptureRecord } from '../../answers/capture-record';
import type { CaptureOrigin, CaptureState, HostTags, ServiceSummary } from '../../api/contract';
import type { Capture } from '../database/generated/client';

const stateSchema = z.enum(['receiving', 'queued', 'ingesting', 'ready', 'failed']) satisfies z.ZodType<CaptureState>;
const originSchema = z.enum(['upload', 'live', 'sample']) satisfies z.ZodType<CaptureOrigin>;

/** A row as what the answers are made of. Its JSON columns are written by our own ingest alone. */
export function captureRecord(row: Capture): CaptureRecord {
  return {
    id: row.id,
    name: row.name,
    origin: originSchema.parse(row.origin),
    state: stateSchema.parse(row.state),
    progress: row.progress,
    problem: row.problem ?? undefined,
    sizeBytes: Number(row.sizeBytes),
    header: (row.header ?? undefined) as CaptureRecord['header'],
    coverage: (row.coverage ?? undefined) as CaptureRecord['coverage'],
    damage: row.damage as readonly string[],
    losses: row.losses as unknown as readonly LossInterval[],
    tags: row.tags as unknown as readonly HostTags[],
    services: row.services as unknown as readonly ServiceSummary[],
    timeOrigin: (row.timeOrigin ?? undefined) as TimeOrigin | undefined,
    startedNs: row.startedNs ?? undefined,
    endedNs: row.endedNs ?? undefined,
    eventCount: Number(row.eventCount),
    spanCount: Number(row.spanCount),
    traceCount: Number(row.traceCount),
    errorTraceCount: Number(row.errorTraces),
    createdAt: row.createdAt.toISOString(),
  };
}
