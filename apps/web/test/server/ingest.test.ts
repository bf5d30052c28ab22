import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type AssembledTrace, assembleAll, assembleTrace, createSpanIndex, type Span } from '@causeway/core';
import { bytesSource, createReplay, readCapture } from '@causeway/replay';
import { captureOf, eventBlockFromRows, requestRows, sampleCapture } from '@causeway/replay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiError, CaptureDetail, CaptureSummary, SpanEvents, TraceList, TraceView } from '../../src/api/contract';
import { startTestServer, type TestServer, temporaryFolder, uploadSettled } from './harness';

const REQUESTS = 120;
let server: TestServer;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let capture: CaptureSummary;
let expected: AssembledTrace[];
let spans: Span[];

const bytes = captureOf((writer) => {
  const rows = Array.from({ length: REQUESTS }, (_, n) => requestRows(n, 1_000_100_000n + BigInt(n) * 1_000_000n));
  writer.writeEvents(eventBlockFromRows(rows.flat()));
});

async function spansOf(file: Uint8Array): Promise<Span[]> {
  const found: Span[] = [];
  const replay = createReplay({ onSpan: (span) => found.push(span) });
  for await (const item of readCapture(bytesSource(file))) replay.push(item);
  replay.end();
  return found;
}

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startTestServer(folder.path);
  spans = await spansOf(bytes);
  expected = assembleAll(createSpanIndex(spans));
  capture = await uploadSettled(server, 'shop.causeway.msgpack', bytes);
});
afterAll(async () => {
  await server.close();
  await folder.remove();
});

const traces = async (query = ''): Promise<TraceList> =>
  (await server.call<TraceList>('GET', `/api/captures/${capture.id}/traces?${query}`)).body;

describe('an uploaded capture', () => {
  it('is read to the end, with its facts', async () => {
    expect(capture).toMatchObject({
      state: 'ready',
      progress: 1,
      name: 'shop',
      hostName: 'box',
      eventCount: REQUESTS * 4,
      spanCount: spans.length,
      traceCount: expected.length,
      sizeBytes: bytes.length,
      startedAt: '1767323045000101000',
    });
    const { body } = await server.call<CaptureDetail>('GET', `/api/captures/${capture.id}`);
    expect(body).toMatchObject({ kernel: '6.1.0', payloadLimit: 1024, damage: [], filters: { comms: ['web'] } });
    expect(body.coverage?.spans).toBe(spans.length);
    expect(body.services).toMatchObject([
      { service: 'web', spanCount: spans.length, protocols: ['http', 'redis'], errorCount: 0 },
    ]);
  });

  it('lists the traces that an assembly in memory gives', async () => {
    const list = await traces('limit=500&sort=start');
    expect(list.total).toBe(expected.length);
    expect(list.traces.map(({ id, start, spanCount }) => ({ id, start, spanCount }))).toEqual(
      expected.map((trace) => ({ id: trace.root, start: trace.start, spanCount: trace.spans.length })),
    );
    expect(list.traces[0]).toMatchObject({
      service: 'web',
      protocol: 'http',
      status: 'ok',
      statusCode: '200',
      method: 'GET',
      resource: '/users/0',
    });
  });

  it('gives page after page without gap or repetition, in every order', async () => {
    for (const sort of ['start', '-start', 'duration', '-duration', 'spans', '-spans']) {
      const ids: string[] = [];
      let cursor: string | undefined = '';
      while (cursor !== undefined) {
        const page = await traces(`limit=17&sort=${sort}&cursor=${cursor}`);
        ids.push(...page.traces.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      expect(new Set(ids).size).toBe(expected.length);
      expect(ids.length).toBe(expected.length);
    }
  });

  it.each([
    ['q=users%2F77', 1],
    ['q=nothing%20like%20it', 0],
    ['service=web&protocol=redis', REQUESTS],
    ['service=nginx', 0],
    ['status=error', 0],
    ['status=ok&minSpans=2', REQUESTS],
    ['minSpans=3', 0],
    ['minDurationNs=1000000000', 0],
    ['maxDurationNs=1000000000', REQUESTS],
  ])('filters by %s', async (query, total) => {
    expect((await traces(query)).total).toBe(total);
  });

  it.each(['sort=name', 'limit=0', 'limit=x', 'cursor=abc', 'status=bad', 'minSpans=-1'])(
    'refuses %s',
    async (query) => {
      const { status, body } = await server.call<ApiError>('GET', `/api/captures/${capture.id}/traces?${query}`);
      expect([status, /\.$/.test(body.error.message)]).toEqual([400, true]);
    },
  );

  it('shows a trace as the assembly in memory makes it, from whichever span one asks', async () => {
    const index = createSpanIndex(spans);
    for (const span of [spans[0], spans[5], spans.at(-1)]) {
      if (span === undefined) throw new Error('no span');
      const { status, body } = await server.call<TraceView>('GET', `/api/captures/${capture.id}/traces/${span.id}`);
      const trace = assembleTrace(index, span);
      expect(status).toBe(200);
      expect(body).toMatchObject({ root: trace.root, start: trace.start, end: trace.end, roundsExhausted: false });
      expect(body.spans).toEqual(trace.spans);
      expect(body.links).toEqual([...trace.links.values()]);
      expect(body.rounds).toEqual(trace.rounds);
      expect(body.prunedSpans).toBe(trace.pruned.length);
      expect(body.missing).toEqual(trace.missing);
      expect(body.spanLinks).toEqual(trace.spanLinks);
    }
    expect((await server.call('GET', `/api/captures/${capture.id}/traces/nobody`)).status).toBe(404);
  });

  it('shows the raw events behind a span', async () => {
    const span = spans.find((candidate) => candidate.protocol === 'redis');
    const { body } = await server.call<SpanEvents>('GET', `/api/captures/${capture.id}/spans/${span?.id}/events`);
    expect(body.omitted).toBe(0);
    expect(body.events.map(({ half, syscall, direction, comm }) => ({ half, syscall, direction, comm }))).toEqual([
      { half: 'request', syscall: 'write', direction: 'egress', comm: 'web' },
      { half: 'response', syscall: 'read', direction: 'ingress', comm: 'web' },
    ]);
    expect(Buffer.from(body.events[1]?.payload ?? '', 'base64').toString()).toBe('$3\r\nann\r\n');
    expect(body.events[0]?.enter).toBe(span?.start);
  });

  it('can be renamed', async () => {
    const { body } = await server.call<CaptureSummary>('PATCH', `/api/captures/${capture.id}`, { name: '  Shop  ' });
    expect(body.name).toBe('Shop');
    expect((await server.call('PATCH', `/api/captures/${capture.id}`, { name: ' ' })).status).toBe(400);
  });
});

describe('a damaged capture', () => {
  it('gives what is whole and says what is not', async () => {
    const cut = sampleCapture().slice(0, -200);
    const summary = await uploadSettled(server, 'cut.causeway.msgpack', cut);
    expect(summary.state).toBe('ready');
    expect(summary.spanCount).toBeGreaterThan(0);
    expect(summary.problem).toMatch(/cut/);
  });

  it('of no trace is ready and empty', async () => {
    const summary = await uploadSettled(
      server,
      'empty.causeway.msgpack',
      captureOf(() => undefined),
    );
    expect(summary).toMatchObject({ state: 'ready', traceCount: 0, spanCount: 0 });
    const { body: list } = await server.call<TraceList>('GET', `/api/captures/${summary.id}/traces`);
    expect(list).toMatchObject({ traces: [], total: 0 });
  });
});

describe('deleting', () => {
  it('takes the rows, the partitions and the file away', async () => {
    const { id } = await uploadSettled(server, 'gone.causeway.msgpack', sampleCapture());
    expect((await server.call('DELETE', `/api/captures/${id}`)).status).toBe(204);
    expect((await server.call('GET', `/api/captures/${id}`)).status).toBe(404);
    expect((await server.call('DELETE', `/api/captures/${id}`)).status).toBe(404);
    const { sql } = server.services.database;
    expect(await sql`SELECT 1 FROM pg_tables WHERE tablename LIKE ${`%${id.replaceAll('-', '')}`}`).toHaveLength(0);
    expect(await readdir(join(folder.path, 'data/captures'))).not.toContain(`${id}.causeway.msgpack`);
  });
});
