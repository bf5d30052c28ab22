import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SocketId } from '@causeway/core';
import { captureOf, type EventRow, eventBlockFromRows, requestRows } from '@causeway/replay/testing';
import { DataFolder } from '../src/server/data-folder';
import { connectDatabase } from '../src/server/database/database';
import { startEmbeddedPostgres } from '../src/server/database/embedded-postgres';
import { applyMigrations } from '../src/server/database/migrations';
import { ingestFile } from '../src/server/ingest/ingest-file';
import { DEFAULT_WORKSPACE } from '../src/server/store/capture-rows';
import { queryTraces, traceQuerySchema } from '../src/server/store/trace-query';

const REQUESTS = 60_000;
const REQUESTS_A_BLOCK = 1_000;
const ID = '00000000-0000-4000-8000-0000000000be';

interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: number;
  readonly atMost?: boolean;
  readonly note?: string;
}

/** From a capture file to searchable traces in the embedded database: replay, COPY, assembly and indexes, all of it. */
export default async function ingestBench(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-bench-'));
  const postgres = await startEmbeddedPostgres(folder);
  const database = await connectDatabase(postgres.url);
  try {
    await applyMigrations(database.sql, join(import.meta.dirname, '../../../prisma/migrations'));
    const data = new DataFolder(folder);
    await data.prepare();
    const file = data.captureFile(ID);
    const bytes = makeCapture();
    await writeFile(data.resolve(file), bytes);
    await database.prisma.capture.create({
      data: {
        id: ID,
        workspaceId: DEFAULT_WORKSPACE,
        name: 'bench',
        origin: 'upload',
        state: 'queued',
        filePath: file,
      },
    });

    const began = performance.now();
    await ingestFile({ database, data, signal: new AbortController().signal }, ID);
    const seconds = (performance.now() - began) / 1000;
    const capture = await database.prisma.capture.findUniqueOrThrow({ where: { id: ID } });
    if (capture.state !== 'ready') throw new Error(capture.problem ?? capture.state);

    const asked = performance.now();
    await queryTraces(
      database.sql,
      ID,
      capture.timeOrigin ?? 0n,
      traceQuerySchema.parse({ q: '/users/777', sort: '-duration' }),
    );
    const searchMs = performance.now() - asked;
    const spans = Number(capture.spanCount);
    return [
      {
        name: 'ingest',
        value: spans / seconds,
        unit: 'spans/s',
        target: 30_000,
        note: `${spans} spans, ${seconds.toFixed(1)} s`,
      },
      { name: 'ingest', value: Number(capture.eventCount) / seconds, unit: 'events/s' },
      {
        name: 'text search in the trace list',
        value: searchMs,
        unit: 'ms',
        target: 500,
        atMost: true,
        note: `${capture.traceCount} traces`,
      },
    ];
  } finally {
    await database.close();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Each request on connections of its own, with sequence numbers of its own, as in life. */
function rowsOf(n: number): EventRow[] {
  return requestRows(n % 10_000, 1_000_100_000n + BigInt(n) * 1_000_000n).map((row) => {
    const shift = (n * 50_021) % 2 ** 31;
    const { socket, tcpSeqEnter = 0, tcpSeqExit = 0 } = row;
    if (socket === undefined) return row;
    const id = (n * 4 + (socket.role === 'server' ? 1 : 2)).toString(16).padStart(16, '0') as SocketId;
    return { ...row, socket: { ...socket, id }, tcpSeqEnter: tcpSeqEnter + shift, tcpSeqExit: tcpSeqExit + shift };
  });
}

function makeCapture(): Uint8Array {
  return captureOf((writer) => {
    for (let n = 0; n < REQUESTS; n += REQUESTS_A_BLOCK) {
      const rows = Array.from({ length: REQUESTS_A_BLOCK }, (_, i) => rowsOf(n + i));
      writer.writeEvents(eventBlockFromRows(rows.flat()));
    }
  });
}
