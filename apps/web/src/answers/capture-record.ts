import type { Coverage, HostId, LossInterval, TimeOrigin } from '@causeway/core';
import type { CaptureOrigin, CaptureState, HostTags, ServiceSummary } from '../api/contract';

/** What of a capture's header the pages show. */
export interface HeaderFacts {
  /** Absent in rows that an older version wrote. */
  readonly hostId?: HostId;
  readonly hostName: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly producer: string;
  readonly filters: Readonly<Record<string, unknown>>;
  readonly payloadLimit: number;
  readonly redactions: readonly string[];
  /** What the one who recorded gave to the host. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** All that is known of a capture beside its spans and traces, wherever that is kept. */
export interface CaptureRecord {
  readonly id: string;
  readonly name: string;
  readonly origin: CaptureOrigin;
  readonly state: CaptureState;
  /** 0–1 */
  readonly progress: number;
  readonly problem: string | undefined;
  readonly sizeBytes: number;
  readonly header: HeaderFacts | undefined;
  readonly coverage: Coverage | undefined;
  readonly damage: readonly string[];
  readonly losses: readonly LossInterval[];
  readonly tags: readonly HostTags[];
  readonly services: readonly ServiceSummary[];
  /** Absent until its first header was read. */
  readonly timeOrigin: TimeOrigin | undefined;
  /** Nanoseconds since the epoch of the first and last event or application span. */
  readonly startedNs: bigint | undefined;
  readonly endedNs: bigint | undefined;
  readonly eventCount: number;
  readonly spanCount: number;
  readonly traceCount: number;
  readonly errorTraceCount: number;
  /** As `CaptureSummary` has it. */
  readonly createdAt: string;
}
