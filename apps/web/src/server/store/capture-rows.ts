import { z } from 'zod';
import type { CaptureDetail, CaptureOrigin, CaptureState, CaptureSummary, ServiceSummary } from '../../api/contract';
import type { Capture } from '../database/generated/client';
import type { CaptureFacts } from '../ingest/capture-facts';

const stateSchema = z.enum(['receiving', 'queued', 'ingesting', 'ready', 'failed']) satisfies z.ZodType<CaptureState>;
const originSchema = z.enum(['upload', 'live', 'sample']) satisfies z.ZodType<CaptureOrigin>;

export interface LiveView {
  readonly connected: boolean;
  /** Bytes on disk now: a growing file is longer than its row says. */
  readonly sizeBytes?: number;
}

export function captureSummary(row: Capture, live: LiveView): CaptureSummary {
  const { header } = readFacts(row);
  return {
    id: row.id,
    name: row.name,
    origin: originSchema.parse(row.origin),
    state: stateSchema.parse(row.state),
    connected: live.connected,
    progress: row.progress,
    ...(row.problem !== null && { problem: row.problem }),
    ...(header?.hostName !== undefined && { hostName: header.hostName }),
    sizeBytes: live.sizeBytes ?? Number(row.sizeBytes),
    eventCount: Number(row.eventCount),
    spanCount: Number(row.spanCount),
    traceCount: Number(row.traceCount),
    errorTraceCount: Number(row.errorTraces),
    ...(row.startedNs !== null && { startedAt: row.startedNs.toString() }),
    ...(row.endedNs !== null && { endedAt: row.endedNs.toString() }),
    createdAt: row.createdAt.toISOString(),
  };
}

export function captureDetail(row: Capture, live: LiveView): CaptureDetail {
  const { header, coverage, damage, services } = readFacts(row);
  return {
    ...captureSummary(row, live),
    ...(header !== undefined && {
      kernel: header.kernel,
      architecture: header.architecture,
      producer: header.producer,
      filters: header.filters,
      payloadLimit: header.payloadLimit,
      redactions: header.redactions,
      ...(header.labels !== undefined && { labels: header.labels }),
    }),
    ...(coverage !== undefined && { coverage }),
    damage,
    services,
  };
}

/** The JSON columns, which only our own ingest writes. */
function readFacts(row: Capture) {
  return {
    header: (row.header ?? undefined) as CaptureFacts['header'],
    coverage: (row.coverage ?? undefined) as CaptureFacts['coverage'],
    damage: row.damage as readonly string[],
    services: row.services as unknown as readonly ServiceSummary[],
  };
}
