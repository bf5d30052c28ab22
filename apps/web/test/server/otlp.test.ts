import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bytesSource, readCapture } from '@causeway/replay';
import { protobufBytes } from '@causeway/replay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptureDetail, CaptureSummary, TraceList, TraceView } from '../../src/api/contract';
import { REPOSITORY, startTestServer, type TestServer, temporaryFolder, until } from './harness';

const TOKEN = 'a secret for the test';
const EXPORTED = join(REPOSITORY, 'packages/replay/test/otlp-exporter');
const JSON_TYPE = { 'content-type': 'application/json' };
const PROTOBUF_TYPE = { 'content-type': 'application/x-protobuf' };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: TestServer;
let protobuf: Buffer;
let json: Buffer;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startTestServer(folder.path, { token: TOKEN });
  protobuf = await readFile(join(EXPORTED, 'checkout.pb'));
  json = await readFile(join(EXPORTED, 'checkout.jsonl'));
});
afterAll(async () => {
  await server.close();
  await folder.remove();
});

const bearer = { authorization: `Bearer ${TOKEN}` };

async function send(body: Uint8Array | string, headers: Record<string, string>) {
  const response = await fetch(`${server.url}/v1/traces`, {
    method: 'POST',
    headers: { ...bearer, ...headers },
    body: typeof body === 'string' ? body : Buffer.from(body),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, type: response.headers.get('content-type'), bytes, text: bytes.toString() };
}

const captures = async () =>
  (await server.call<{ captures: CaptureSummary[] }>('GET', '/api/captures', undefined, bearer)).body.captures;
const call = async <T>(path: string) => (await server.call<T>('GET', path, undefined, bearer)).body;

describe('spans that applications send', () => {
  it('are shown while they come, of all requests in one capture', async () => {
    expect(await send(protobuf, PROTOBUF_TYPE)).toMatchObject({
      status: 200,
      type: 'application/x-protobuf',
      text: '',
    });
    expect(await send(gzipSync(json), { ...JSON_TYPE, 'content-encoding': 'gzip' })).toMatchObject({
      status: 200,
      type: 'application/json',
      text: '{}',
    });
    const [capture] = await until(captures, ([first]) => first?.spanCount === 6);
    expect(capture).toMatchObject({ origin: 'live', state: 'receiving', connected: true });
    expect(capture!.name).toMatch(/^OTLP received \d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
    expect(await captures()).toHaveLength(1);
    const list = await call<TraceList>(`/api/captures/${capture!.id}/traces?q=cart`);
    expect(list.traces).toContainEqual(
      expect.objectContaining({ service: 'checkout', protocol: 'http', method: 'GET', endpoint: '/cart/:id' }),
    );
    const view = await call<TraceView>(`/api/captures/${capture!.id}/traces/${list.traces[0]!.id}`);
    expect(view.spans[0]).toMatchObject({ type: 'app', serviceName: 'checkout' });
    expect((await call<CaptureDetail>(`/api/captures/${capture!.id}`)).startedAt).toBe('1767323045000001000');
  });

  it('are taken in part when some of them cannot be used, which is said', async () => {
    const span = { spanId: '00f067aa0ba902b7', startTimeUnixNano: '5', endTimeUnixNano: '6' };
    const good = { ...span, traceId: '4bf92f3577b34da6a3ce929d0e0e4736' };
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span, good, span] }] }] });
    const partly = await send(body, JSON_TYPE);
    expect(partly.status).toBe(200);
    expect(JSON.parse(partly.text)).toEqual({
      partialSuccess: { rejectedSpans: '2', errorMessage: expect.stringContaining('left out') },
    });
    // A span without anything.
    const empty = await send(Uint8Array.from(protobufBytes(1, protobufBytes(2, protobufBytes(2, [])))), PROTOBUF_TYPE);
    expect(empty).toMatchObject({ status: 200 });
    expect([...empty.bytes.subarray(0, 4)]).toEqual([0x0a, empty.bytes.length - 2, 0x08, 1]);
    expect((await send('{"resourceSpans":[]}', JSON_TYPE)).text).toBe('{}');
  });

  it.each([
    ['JSON that is none', 'hello', JSON_TYPE, 400],
    ['JSON of something else', '{"spans":[]}', JSON_TYPE, 400],
    ['protobuf that is cut', Uint8Array.of(0x0a, 50, 1), PROTOBUF_TYPE, 400],
    ['gzip that is none', 'hello', { ...JSON_TYPE, 'content-encoding': 'gzip' }, 400],
    ['a compression that is not read', '{}', { ...JSON_TYPE, 'content-encoding': 'zstd' }, 415],
    ['another type', '{}', { 'content-type': 'text/plain' }, 415],
    ['too much', Buffer.alloc(17 * 1024 * 1024), PROTOBUF_TYPE, 413],
    ['a bomb', gzipSync(Buffer.alloc(70 * 1024 * 1024)), { ...PROTOBUF_TYPE, 'content-encoding': 'gzip' }, 413],
  ])('are refused as %s, in a status message', async (_, body, headers: Record<string, string>, status) => {
    const refused = await send(body, headers);
    expect(refused.status).toBe(status);
    if (refused.type === 'application/json') {
      expect(JSON.parse(refused.text)).toEqual({ code: expect.any(Number), message: expect.stringMatching(/\.$/) });
    } else expect(refused.bytes[0]).toBe(0x08);
  });

  it('need the token, and no other site may send them', async () => {
    expect((await send(json, { ...JSON_TYPE, authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await send(json, { ...JSON_TYPE, origin: 'http://evil.example' })).status).toBe(403);
    const { status } = await server.call('GET', '/v1/traces', undefined, bearer);
    expect(status).toBe(405);
  });

  it('go into a new capture once theirs was deleted', async () => {
    const before = await captures();
    expect(await server.call('DELETE', `/api/captures/${before[0]!.id}`, undefined, bearer)).toMatchObject({
      status: 204,
    });
    expect((await send(json, JSON_TYPE)).status).toBe(200);
    const after = await until(captures, ([first]) => first?.spanCount === 3);
    expect(after.map(({ id }) => id)).not.toContain(before[0]!.id);
  });

  it('are a whole capture once the server has ended, and the next server begins another', async () => {
    const [capture] = await captures();
    await server.close();
    server = await startTestServer(folder.path, { token: TOKEN });
    const settled = await until(
      () => call<CaptureSummary>(`/api/captures/${capture!.id}`),
      ({ state }) => state === 'ready',
    );
    expect(settled).toMatchObject({ connected: false, spanCount: 3 });
    expect(settled).not.toHaveProperty('problem');
    const file = await fetch(`${server.url}/api/captures/${capture!.id}/file`, { headers: bearer });
    const kinds: string[] = [];
    for await (const { kind } of readCapture(bytesSource(new Uint8Array(await file.arrayBuffer())))) kinds.push(kind);
    expect(kinds).toEqual(['header', 'thirdPartySpans', 'index']);
    await send(json, JSON_TYPE);
    await until(captures, (all) => all.length === 2);
  });
});
