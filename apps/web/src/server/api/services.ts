import type { DataFolder } from '../data-folder';
import type { Database } from '../database/database';
import type { JobQueue } from '../jobs/job-queue';
import type { OtlpReceiver } from '../otlp/otlp-receiver';

/** What the handlers work with. */
export interface Services {
  readonly version: string;
  readonly databaseKind: 'embedded' | 'external';
  readonly data: DataFolder;
  readonly database: Database;
  readonly jobs: JobQueue;
  readonly live: LiveConnections;
  readonly otlp: OtlpReceiver;
}

/** What the rest of the server may ask of the live endpoint. */
export interface LiveConnections {
  isConnected(captureId: string): boolean;
  /** Tells the agent of a deleted capture to go and waits until nothing is written any more. */
  drop(captureId: string, reason: string): Promise<void>;
}
