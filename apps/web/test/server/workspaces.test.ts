import { CALLS_BETWEEN_HOSTS, captureOfEnd } from '@causeway/replay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  ApiError,
  CaptureSummary,
  SpanEvents,
  TraceList,
  TraceView,
  WorkspaceDetail,
  WorkspaceSummary,
} from '../../src/api/contract';
import { startTestServer, type TestServer, temporaryFolder, until, uploadSettled } from './harness';

const SKEW = 5_000_000_000n;
/** The next day for one of the hosts, so that the time origins of the two captures differ. */
const REALTIME = 1_767_398_399_000_000_000n;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: TestServer;
let web: CaptureSummary;
let stock: CaptureSummary;

const uploaded = (name: string, bytes: Uint8Array) => uploadSettled(server, name, bytes);

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startTestServer(folder.path);
  web = await uploaded('web', captureOfEnd('client', 5_000_000_000n, REALTIME));
  stock = await uploaded('stock', captureOfEnd('server', 77_000_000_000n, REALTIME + SKEW));
});
afterAll(async () => {
  await server.close();
  await folder.remove();
});

const get = async <T>(path: string) => (await server.call<T>('GET', path)).body;
const settled = (id: string, holds: (workspace: WorkspaceDetail) => boolean) =>
  until(
    () => get<WorkspaceDetail>(`/api/workspaces/${id}`),
    (workspace) => workspace.state === 'ready' && holds(workspace),
  );

describe('a workspace', () => {
  let id: string;

  it('assembles captures of two hosts together, whose clocks differ', async () => {
    const { status, body } = await server.call<WorkspaceSummary>('POST', '/api/workspaces', {
      name: 'shop',
      captures: [web.id, stock.id, web.id],
    });
    expect(status).toBe(200);
    id = body.id;
    expect(body.captures.map(({ hostName }) => hostName).sort()).toEqual(['stock', 'web']);
    const ready = await settled(id, ({ traceCount }) => traceCount > 0);
    expect(ready).toMatchObject({ name: 'shop', traceCount: CALLS_BETWEEN_HOSTS, spanCount: 2 * CALLS_BETWEEN_HOSTS });
    expect(ready.services.map(({ service }) => service).sort()).toEqual(['stock', 'web']);
    expect(ready.clocks).toMatchObject([
      { host: 'boot of stock', against: 'boot of web', pairs: CALLS_BETWEEN_HOSTS, latest: 1_001_000 - Number(SKEW) },
    ]);
    expect((await get<{ workspaces: WorkspaceSummary[] }>('/api/workspaces')).workspaces).toHaveLength(1);
  });

  it('lists and shows traces over all its captures, in the times that were recorded', async () => {
    const list = await get<TraceList>(`/api/workspaces/${id}/traces?sort=start`);
    expect(list.total).toBe(CALLS_BETWEEN_HOSTS);
    const first = list.traces[0]!;
    expect(BigInt(list.timeOrigin) + BigInt(first.start)).toBe(REALTIME);
    expect(first.services.map(({ service }) => service).sort()).toEqual(['stock', 'web']);
    const view = await get<TraceView>(`/api/workspaces/${id}/traces/${first.id}`);
    expect(view.spans.map(({ hostId }) => hostId)).toEqual(['boot of web', 'boot of stock']);
    expect(view.links).toMatchObject([{ rule: 'R11' }]);
    expect(view.spans[1]!.start - view.spans[0]!.start).toBe(Number(SKEW) + 1_001_000);
    expect(view.hostNames).toEqual({ 'boot of web': 'web', 'boot of stock': 'stock' });
    expect(view.clocks).toMatchObject([{ host: 'boot of stock', pairs: CALLS_BETWEEN_HOSTS }]);
    // From the other end the same trace.
    const other = await get<TraceView>(`/api/workspaces/${id}/traces/${view.spans[1]!.id}`);
    expect([other.id, other.links]).toEqual([view.id, view.links]);
    // A capture by itself knows nothing of the other.
    const alone = await get<TraceView>(`/api/captures/${stock.id}/traces/${view.spans[1]!.id}`);
    expect([alone.spans.length, alone.clocks]).toEqual([1, []]);
  });

  it('finds the raw events of a span in its capture, by its own times', async () => {
    const list = await get<TraceList>(`/api/workspaces/${id}/traces?sort=start`);
    const view = await get<TraceView>(`/api/workspaces/${id}/traces/${list.traces[0]!.id}`);
    for (const span of view.spans) {
      const events = await get<SpanEvents>(`/api/workspaces/${id}/spans/${span.id}/events`);
      expect(events.timeOrigin).toBe(view.timeOrigin);
      expect(events.events.map(({ half }) => half)).toEqual(['request', 'response']);
      const { enter, exit, direction } = events.events[0]!;
      expect(direction === 'egress' ? enter : exit).toBe(span.start);
    }
  });

  it('keeps two captures of one host apart', async () => {
    const again = await uploaded(
      'later',
      captureOfEnd('client', 5_000_000_000_000n, REALTIME + 60_000_000_000n, 500_000),
    );
    await server.call('PATCH', `/api/workspaces/${id}`, { name: 'both', captures: [web.id, stock.id, again.id] });
    const ready = await settled(id, ({ spanCount }) => spanCount === 3 * CALLS_BETWEEN_HOSTS);
    expect(ready).toMatchObject({ name: 'both', traceCount: 2 * CALLS_BETWEEN_HOSTS });
  });

  it('is assembled anew without a capture that was deleted, and its captures outlive it', async () => {
    await server.call('DELETE', `/api/captures/${stock.id}`);
    const ready = await settled(id, ({ spanCount }) => spanCount === 2 * CALLS_BETWEEN_HOSTS);
    expect(ready.captures).toHaveLength(2);
    expect(ready.clocks).toEqual([]);
    expect((await server.call('DELETE', `/api/workspaces/${id}`)).status).toBe(204);
    for (const path of [`/api/workspaces/${id}`, `/api/workspaces/${id}/traces`]) {
      expect((await server.call('GET', path)).status).toBe(404);
    }
    expect((await get<CaptureSummary>(`/api/captures/${web.id}`)).state).toBe('ready');
    expect(await server.services.database.sql`SELECT 1 FROM trace WHERE capture_id = ${id}`).toHaveLength(0);
  });

  it.each([
    ['no capture', { name: 'x', captures: [] }, 400],
    ['no name', { name: ' ', captures: ['11111111-2222-4333-8444-555555555555'] }, 400],
    ['a capture that is not there', { name: 'x', captures: ['11111111-2222-4333-8444-555555555555'] }, 404],
  ])('is refused with %s', async (_, request, status) => {
    const answer = await server.call<ApiError>('POST', '/api/workspaces', request);
    expect(answer.status).toBe(status);
    expect(answer.body.error.message).toMatch(/\.$/);
  });
});
