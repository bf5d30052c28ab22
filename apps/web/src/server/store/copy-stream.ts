import type { Writable } from 'node:stream';
import type { Sql } from 'postgres';
import { CopyRows } from './copy-rows';

/** Rows are sent in pieces of about this many bytes: few system calls, little memory. */
const PIECE_BYTES = 256 * 1024;

/** How a value becomes a row of a table. */
export interface RowFormat<T> {
  /** Columns in the order in which `write` adds them. */
  readonly columns: readonly string[];
  write(rows: CopyRows, value: T): void;
}

/** A COPY that takes rows as they come. One per transaction at a time; it must be ended or aborted. */
export interface CopyStream<T> {
  readonly rows: number;
  /** Never waits: call `drained` now and then. */
  push(value: T): void;
  /** Resolves when little enough waits to be sent. @throws what the database made of the rows */
  drained(): Promise<void>;
  end(): Promise<void>;
  abort(): void;
}

export interface CopyOptions {
  /** The table was made in this transaction, so its rows need no second visit by VACUUM. */
  readonly frozen?: boolean;
  /**
   * The database stores and indexes each row when it comes. Otherwise it gathers a thousand of the binary format first:
   * large rows would all lie there, and be worked on when nobody has anything else to do but to wait for it.
   */
  readonly rowByRow?: boolean;
}

/** True of every row, which the database cannot know: it looks at one after the other. */
const ROW_BY_ROW = 'WHERE random() >= 0';

export async function openCopy<T>(
  sql: Sql,
  table: string,
  { columns, write }: RowFormat<T>,
  { frozen = false, rowByRow = false }: CopyOptions = {},
): Promise<CopyStream<T>> {
  const options = frozen ? 'FORMAT binary, FREEZE' : 'FORMAT binary';
  const condition = rowByRow ? ROW_BY_ROW : '';
  const stream: Writable = await sql
    .unsafe(`COPY ${table} (${columns.join(', ')}) FROM STDIN (${options}) ${condition}`)
    .writable();
  const waiting = new CopyRows();
  let failure: Error | undefined;
  let rows = 0;
  let flowing = true;
  stream.on('error', (error) => {
    failure = error;
  });

  const send = (): void => {
    const piece = waiting.take();
    if (failure === undefined) flowing = stream.write(piece);
  };
  return {
    get rows() {
      return rows;
    },
    push(value) {
      rows += 1;
      waiting.row(columns.length);
      write(waiting, value);
      if (waiting.length >= PIECE_BYTES) send();
    },
    async drained() {
      if (failure !== undefined) throw failure;
      if (flowing) return;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          for (const event of ['drain', 'error', 'close']) stream.off(event, done);
          resolve();
        };
        for (const event of ['drain', 'error', 'close']) stream.on(event, done);
      });
      flowing = true;
      if (failure !== undefined) throw failure;
    },
    async end() {
      waiting.end();
      send();
      if (failure !== undefined) throw failure;
      await new Promise<void>((resolve, reject) => {
        stream.once('error', reject);
        stream.end(() => resolve());
      });
    },
    abort() {
      stream.destroy();
    },
  };
}
