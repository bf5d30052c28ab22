import type { Writable } from 'node:stream';
import type { Sql } from 'postgres';

/** Rows are sent in pieces of this many characters: few system calls, little memory. */
const PIECE_LENGTH = 256 * 1024;

/** A COPY that takes rows as they come. One per transaction at a time; it must be ended or aborted. */
export interface CopyStream {
  readonly rows: number;
  /** Never waits: call `drained` now and then. */
  push(row: string): void;
  /** Resolves when little enough waits to be sent. @throws what the database made of the rows */
  drained(): Promise<void>;
  end(): Promise<void>;
  abort(): void;
}

export async function openCopy(sql: Sql, table: string, columns: string, options = ''): Promise<CopyStream> {
  const stream: Writable = await sql.unsafe(`COPY ${table} (${columns}) FROM STDIN ${options}`).writable();
  let failure: Error | undefined;
  let piece = '';
  let rows = 0;
  let flowing = true;
  stream.on('error', (error) => {
    failure = error;
  });

  const send = (): void => {
    if (piece !== '' && failure === undefined) flowing = stream.write(piece);
    piece = '';
  };
  return {
    get rows() {
      return rows;
    },
    push(row) {
      rows += 1;
      piece += row;
      if (piece.length >= PIECE_LENGTH) send();
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
