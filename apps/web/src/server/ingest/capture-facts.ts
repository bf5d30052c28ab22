import type { Coverage, HostId } from '@causeway/core';

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

/** What ingest learns of a capture beside its spans and traces. */
export interface CaptureFacts {
  readonly header: HeaderFacts | undefined;
  readonly coverage: Coverage | undefined;
}
