import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SocketId } from '@causeway/core';
import { captureOf, type EventRow, eventBlockFromRows, requestRows } from '@causeway/replay/testing';
import { traceQuerySchema } from '../src/answers/trace-query';
import { DataFolder } from '../src/server/data-folder';
import type { Capture } from '../src/server/database/generated/client';
import { openJobQueue } from '../src/server/jobs/job-queue';
import { superviseWorkers } from '../src/server/jobs/worker-supervisor';
import { queryTraces } from '../src/server/store/trace-query';
import { openBenchDatabase, type Row } from './bench-database';

const REQUESTS = 60_000;
const REQUESTS_A_BLOCK = 1_000;
const WARM_UP_ID = '00000000-0000-4000-8000-0000000000bd';
const ID = '00000000-0000-4000-8000-0000000000be';
const POLL_MS = 20;

/**
 * From a capture file to searchable traces in the embedded database, by the worker as in life: queue, replay, COPY,
 * assembly and indexes, all of it. A small capture goes first, so that the worker is up.
 */
export default async function ingestBench(): Promise<Row[]> {
  const bench = await openBenchDatabase();
  const { folder, postgres, database } = bench;
  const jobs = await openJobQueue(postgres.url, database.sql);
  const workers = superviseWorkers({
    program: join(import.meta.dirname, '../src/server/worker.ts'),
    databaseUrl: postgres.url,
    dataFolder: folder,
    onDeath: () => jobs.freeDeadWorkers(),
  });
  const data = new DataFolder(folder);
  await data.prepare();

  /** Puts a capture on the queue and resolves once it can be searched. */
  async function ingest(id: string, requests: number): Promise<{ capture: Capture; seconds: number }> {
    const filePath = data.captureFile(id);
    await writeFile(data.resolve(filePath), makeCapture(requests));
    await database.prisma.capture.create({
      data: { id, name: 'bench', origin: 'upload', state: 'queued', filePath },
    });
    const began = performance.now();
    await jobs.enqueue('ingest', id);
    for (;;) {
      await delay(POLL_MS);
      const capture = await database.prisma.capture.findUniqueOrThrow({ where: { id } });
      if (capture.state === 'failed') throw new Error(capture.problem ?? capture.state);
      if (capture.state === 'ready') return { capture, seconds: (performance.now() - began) / 1000 };
    }
  }

  try {
    await ingest(WARM_UP_ID, REQUESTS_A_BLOCK);
    const { capture, seconds } = await ingest(ID, REQUESTS);

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
    await workers.stop();
    await jobs.close();
    await bench.close();
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

function makeCapture(requests: number): Uint8Array {
  return captureOf((writer) => {
    for (let n = 0; n < requests; n += REQUESTS_A_BLOCK) {
      const rows = Array.from({ length: REQUESTS_A_BLOCK }, (_, i) => rowsOf(n + i));
      writer.writeEvents(eventBlockFromRows(rows.flat()));
    }
  });
}
