import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { sampleCapture } from '@causeway/replay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiError, CaptureSummary, Upload } from '../../src/api/contract';
import { startTestServer, type TestServer, temporaryFolder, until, upload } from './harness';

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

const files = async () => [
  ...(await readdir(join(folder.path, 'data/uploads'))),
  ...(await readdir(join(folder.path, 'data/captures'))),
];
const captures = async () => (await server.call<{ captures: CaptureSummary[] }>('GET', '/api/captures')).body.captures;

describe('a file that is no capture', () => {
  it.each([
    ['a text', Buffer.from('GET / HTTP/1.1\n'.repeat(10)), 'not-a-capture', /not a Causeway capture.*text/],
    ['a gzip file', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), 'not-a-capture', /gunzip/],
    ['a large file of noise', Buffer.alloc(300_000, 0xee), 'not-a-capture', /not a Causeway capture/],
    ['a capture of a version to come', ofVersion(9), 'unknown-version', /format version 9/],
    ['a capture cut in its header', sampleCapture().subarray(0, 40), 'nothing-readable', /cut/],
  ])('%s is refused with a sentence, and nothing of it is kept', async (_, bytes, code, sentence) => {
    const { status, body } = await upload(server, 'odd.bin', bytes);
    expect(status).toBe(422);
    expect(body).toMatchObject({ error: { code } });
    expect((body as unknown as ApiError).error.message).toMatch(sentence);
    expect(await files()).toEqual([]);
    expect(await captures()).toEqual([]);
  });

  it('that is empty is refused at once', async () => {
    const { status, body } = await server.call<ApiError>('POST', '/api/uploads', { name: 'nothing', sizeBytes: 0 });
    expect(status).toBe(400);
    expect(body.error.code).toBe('empty-file');
  });
});

describe('an upload', () => {
  const bytes = sampleCapture();

  it('goes on where it broke off', async () => {
    const { body: begun } = await server.call<Upload>('POST', '/api/uploads', {
      name: 'broken.causeway.msgpack',
      sizeBytes: bytes.length,
    });
    await sendAndBreak(begun.id, bytes.subarray(0, 100), 300);
    const { body: state } = await until(
      () => server.call<Upload>('GET', `/api/uploads/${begun.id}`),
      ({ body }) => body.received === 100,
    );
    expect(state).toEqual({ id: begun.id, name: 'broken.causeway.msgpack', sizeBytes: bytes.length, received: 100 });

    const again = await server.call<ApiError>('PUT', `/api/uploads/${begun.id}?offset=0`, bytes.subarray(0, 100));
    expect([again.status, again.body.error.code]).toEqual([409, 'wrong-offset']);
    const early = await server.call<ApiError>('POST', `/api/uploads/${begun.id}/complete`);
    expect([early.status, early.body.error.code]).toEqual([409, 'bytes-missing']);

    const rest = await server.call<Upload>('PUT', `/api/uploads/${begun.id}?offset=100`, bytes.subarray(100));
    expect(rest.body.received).toBe(bytes.length);
    const done = await server.call<CaptureSummary>('POST', `/api/uploads/${begun.id}/complete`);
    expect(done.body).toMatchObject({ name: 'broken', origin: 'upload', sizeBytes: bytes.length, connected: false });

    const kept = await fetch(`${server.url}/api/captures/${done.body.id}/file`);
    expect(Buffer.from(await kept.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('of more bytes than announced is refused without losing those before', async () => {
    const { body: begun } = await server.call<Upload>('POST', '/api/uploads', { name: 'long', sizeBytes: 10 });
    await server.call('PUT', `/api/uploads/${begun.id}?offset=0`, Buffer.alloc(4));
    expect((await server.call('PUT', `/api/uploads/${begun.id}?offset=4`, Buffer.alloc(7))).status).toBe(413);
    expect((await server.call<Upload>('GET', `/api/uploads/${begun.id}`)).body.received).toBe(4);
  });

  it('that is completed twice at once becomes one capture, told to both', async () => {
    const { body: begun } = await server.call<Upload>('POST', '/api/uploads', {
      name: 'twice',
      sizeBytes: bytes.length,
    });
    await server.call('PUT', `/api/uploads/${begun.id}?offset=0`, bytes);
    const complete = () => server.call<CaptureSummary>('POST', `/api/uploads/${begun.id}/complete`);
    const answers = [...(await Promise.all([complete(), complete()])), await complete()];
    expect(answers.map(({ status, body }) => [status, body.id, body.name])).toEqual(
      answers.map(() => [200, begun.id, 'twice']),
    );
    expect((await captures()).filter(({ name }) => name === 'twice')).toHaveLength(1);
  });

  it.each([
    ['POST', '/api/uploads', { name: 'x' }, 400],
    ['POST', '/api/uploads', { name: '', sizeBytes: 3 }, 400],
    ['PUT', '/api/uploads/7/', undefined, 404],
    ['GET', '/api/uploads/00000000-0000-4000-8000-00000000dead', undefined, 404],
    ['GET', '/api/captures/not-an-id', undefined, 404],
    ['GET', '/api/captures/%E0%A4%A', undefined, 400],
    ['GET', '/api/nothing', undefined, 404],
    ['POST', '/api/status', undefined, 405],
  ])('%s %s with %j gets %i and a sentence', async (method, path, body, status) => {
    const answer = await server.call<ApiError>(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body.error.message).toMatch(/\.$/);
  });
});

/** Announces `announced` bytes, sends fewer, and breaks the connection. */
function sendAndBreak(id: string, bytes: Uint8Array, announced: number): Promise<void> {
  return new Promise((resolve) => {
    const sending = request({
      host: '127.0.0.1',
      port: server.port,
      method: 'PUT',
      path: `/api/uploads/${id}?offset=0`,
      headers: { 'content-length': announced },
    });
    sending.on('error', () => resolve());
    sending.on('close', () => resolve());
    sending.write(bytes, () => setTimeout(() => sending.destroy(), 50));
  });
}

/** A capture whose header says another format version, its checksum mended. */
function ofVersion(version: number): Uint8Array {
  const magic = 10;
  const head = 13;
  const bytes = Buffer.from(sampleCapture());
  bytes[bytes.indexOf('version') + 'version'.length] = version;
  const payload = bytes.subarray(magic + head, magic + head + bytes.readUInt32BE(magic + 9));
  bytes.writeUInt32BE(crc32(payload), magic + 3);
  return bytes;
}
