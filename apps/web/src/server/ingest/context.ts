import type { ProtocolParser } from '@causeway/core';
import type { DataFolder } from '../data-folder';
import type { Database } from '../database/database';

/** What an ingest job works with. */
export interface IngestContext {
  readonly database: Database;
  readonly data: DataFolder;
  /** Of the operator's own; asked before the built-in ones. */
  readonly ownParsers: readonly ProtocolParser[];
  /** The worker is asked to end: the job stops soon and is taken up again by another. */
  readonly signal: AbortSignal;
}

/** The capture was deleted while it was read: nothing is left to do. */
export class CaptureGone extends Error {}

/** The worker ends: the queue gives the job to the next one. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
