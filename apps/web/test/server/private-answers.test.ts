import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packetConversation, pcapFile } from '@causeway/replay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiError, CaptureSummary, TraceList, WorkspaceDetail, WorkspaceSummary } from '../../src/api/contract';
import { answerPrivately } from '../../src/private/private-answers';
import { openPlaces, planPlace } from '../../src/private/private-places';
import { REPOSITORY, startTestServer, type TestServer, temporaryFolder, until, upload, uploadSettled } from './harness';

const sample = (folder: string, file = folder) =>
  readFile(join(REPOSITORY, 'captures', folder, `${file}.causeway.msgpack`));
const PCAP = pcapFile(
  packetConversation([
    ['>', 'GET /a HTTP/1.1\r\nHost: shop.test\r\n\r\n'],
    ['<', 'HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nok'],
  ]),
);

let server: TestServer;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startTestServer(folder.path);
});
afterAll(async () => {
  await server.close();
  await folder.remove();
});

const uploaded = (name: string, bytes: Uint8Array) => uploadSettled(server, name, bytes);

const fileOf = (name: string, bytes: Uint8Array) => new File([Buffer.from(bytes)], name);

/** Reads files as the browser's worker does, under the ids that the server gave them, and asks as a page does. */
async function openPrivately(files: readonly { readonly id: string; readonly file: File }[]) {
  const planned = await planPlace(files.map(({ file }) => file));
  const named = planned.files.map((planned, i) => ({ ...planned, id: files[i]!.id }));
  const places = await openPlaces({ ...planned, files: named }, [], () => undefined);
  const ask = async <T>(path: string): Promise<T> =>
    JSON.parse(JSON.stringify(await answerPrivately(places, `/api/private${path}`)));
  return { places, ask };
}

type Ask = <T>(path: string) => Promise<T>;
const askServer: Ask = async <T>(path: string) => (await server.call<T>('GET', `/api${path}`)).body;

/** When a connection ended is learnt after its first spans were found, which the server has stored by then. */
const withoutEnds = (key: string, value: unknown) => (key === 'connection' ? undefined : value);

/** Every answer about the traces of a place, and about the spans of one of them. */
async function tracesAndSpans(ask: Ask, place: string): Promise<unknown> {
  const searches = ['', '?sort=duration&limit=3', '?status=error', '?q=GET&sort=-spans', '?status=ok&minSpans=2'];
  const lists = await Promise.all(searches.map((search) => ask<TraceList>(`${place}/traces${search}`)));
  const next = lists[1]!.nextCursor;
  const second = next && (await ask(`${place}/traces?sort=duration&limit=3&cursor=${encodeURIComponent(next)}`));
  const ids = lists[0]!.traces.slice(0, 8).map(({ id }) => id);
  const views = await Promise.all(ids.map((id) => ask(`${place}/traces/${id}`)));
  const related = await ask(`${place}/traces/${ids[0]}/related`);
  const spans = (views as { spans: { id: string }[] }[]).flatMap(({ spans: all }) => all).slice(0, 20);
  const events = await Promise.all(spans.map(({ id }) => ask(`${place}/spans/${id}/events`)));
  const all = JSON.stringify({ lists, second, views, related, events }, withoutEnds);
  return JSON.parse(all);
}

describe('a capture that is read in the browser is answered about as the server does', () => {
  it.each(['nginx-node-concurrency-8', 'python-asyncio', 'nats-consumer', 'node-https'])('%s', async (name) => {
    const bytes = await sample(name);
    const { id } = await uploaded(`${name}.causeway.msgpack`, bytes);
    const { ask } = await openPrivately([{ id, file: fileOf(`${name}.causeway.msgpack`, bytes) }]);
    const place = `/captures/${id}`;
    const { createdAt, ...served } = await askServer<CaptureSummary>(place);
    expect(await ask(place)).toEqual({ ...served, createdAt: expect.any(String) });
    const wanted = await tracesAndSpans(askServer, place);
    expect(await tracesAndSpans(ask, place)).toEqual(wanted);
  });

  it('also when it is damaged', async () => {
    const bytes = Buffer.concat([await sample('node-one-connection'), (await sample('node-https')).subarray(0, -1000)]);
    const { id } = await uploaded('cut', bytes);
    const { ask } = await openPrivately([{ id, file: fileOf('cut', bytes) }]);
    const { createdAt, ...served } = await askServer<CaptureSummary & { damage: string[] }>(`/captures/${id}`);
    expect(served.damage.length).toBeGreaterThan(0);
    expect(await ask(`/captures/${id}`)).toEqual({ ...served, createdAt: expect.any(String) });
    expect(await tracesAndSpans(ask, `/captures/${id}`)).toEqual(await tracesAndSpans(askServer, `/captures/${id}`));
  });

  it.each([
    ['shop.pcap', async () => PCAP],
    ['checkout.jsonl', () => readFile(join(REPOSITORY, 'packages/replay/test/otlp-exporter/checkout.jsonl'))],
  ])('also when it is no capture, but %s', async (name, read) => {
    const bytes = await read();
    const { id } = await uploaded(name, bytes);
    const { ask } = await openPrivately([{ id, file: fileOf(name, bytes) }]);
    // The server keeps the capture that it made; here the file is what there is.
    const { createdAt, sizeBytes, ...served } = await askServer<CaptureSummary>(`/captures/${id}`);
    expect(await ask(`/captures/${id}`)).toEqual({ ...served, createdAt: expect.any(String), sizeBytes: bytes.length });
    expect(await tracesAndSpans(ask, `/captures/${id}`)).toEqual(await tracesAndSpans(askServer, `/captures/${id}`));
  });

  it('also when captures of two hosts are read together', async () => {
    const files = await Promise.all(
      ['web', 'app'].map(async (host) => {
        const bytes = await sample('two-hosts', host);
        const { id } = await uploaded(host, bytes);
        return { id, file: fileOf(host, bytes) };
      }),
    );
    const { body } = await server.call<WorkspaceSummary>('POST', '/api/workspaces', {
      name: 'web + app',
      captures: files.map(({ id }) => id),
    });
    const served = await until(
      () => askServer<WorkspaceDetail>(`/workspaces/${body.id}`),
      ({ state, traceCount }) => state === 'ready' && traceCount > 0,
    );
    const { places, ask } = await openPrivately(files);
    const id = [...places.keys()].find((key) => key.startsWith('workspaces/'))!.slice('workspaces/'.length);
    expect(await ask(`/workspaces/${id}`)).toEqual({ ...served, id, createdAt: expect.any(String) });
    const wanted = JSON.stringify(await tracesAndSpans(askServer, `/workspaces/${body.id}`)).replaceAll(body.id, id);
    expect(await tracesAndSpans(ask, `/workspaces/${id}`)).toEqual(JSON.parse(wanted));
  });
});

describe('a file of which nothing can be read is refused in the words of the server', () => {
  it.each([
    ['empty.causeway.msgpack', new Uint8Array()],
    ['notes.txt', Buffer.from('Nothing of note.\n')],
    ['archive.gz', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])],
    ['cut.pcap', Buffer.from(PCAP).subarray(0, 30)],
  ])('%s', async (name, bytes) => {
    const { body } = await upload(server, name, bytes);
    await expect(planPlace([fileOf(name, bytes)])).rejects.toMatchObject((body as unknown as ApiError).error);
  });
});

describe('what cannot be answered is refused as the server does', () => {
  it.each([
    '',
    '/traces?sort=up',
    '/traces?cursor=x',
    '/traces/nobody',
    '/traces/nobody/related',
    '/spans/nobody/events',
    '/nothing',
  ])('%s', async (path) => {
    const bytes = await sample('unix-sockets');
    const { id } = await uploaded('unix', bytes);
    const { ask } = await openPrivately([{ id, file: fileOf('unix', bytes) }]);
    const other = path === '' ? '00000000-0000-4000-8000-000000000000' : id;
    const { body } = await server.call<ApiError>('GET', `/api/captures/${other}${path}`);
    const { code, message } = body.error;
    await expect(ask(`/captures/${other}${path}`)).rejects.toMatchObject({
      code,
      message: message.replace('/api/', '/api/private/'),
    });
  });
});
