import type { CaptureDetail, CaptureSummary } from '../api/contract';
import type { CaptureRecord } from './capture-record';

export interface LiveView {
  readonly connected: boolean;
  /** Bytes on disk now: a growing file is longer than its record says. */
  readonly sizeBytes?: number;
}

const NOT_LIVE: LiveView = { connected: false };

export function captureSummary(record: CaptureRecord, live: LiveView = NOT_LIVE): CaptureSummary {
  const { id, name, origin, state, progress, problem, header, startedNs, endedNs } = record;
  const { eventCount, spanCount, traceCount, errorTraceCount, createdAt } = record;
  return {
    ...{ id, name, origin, state, connected: live.connected, progress },
    ...(problem !== undefined && { problem }),
    ...(header !== undefined && { hostName: header.hostName }),
    sizeBytes: live.sizeBytes ?? record.sizeBytes,
    ...{ eventCount, spanCount, traceCount, errorTraceCount },
    ...(startedNs !== undefined && { startedAt: startedNs.toString() }),
    ...(endedNs !== undefined && { endedAt: endedNs.toString() }),
    createdAt,
  };
}

export function captureDetail(record: CaptureRecord, live?: LiveView): CaptureDetail {
  const { header, coverage, damage, services } = record;
  return {
    ...captureSummary(record, live),
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
