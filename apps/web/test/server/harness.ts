import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CaptureSummary, Upload } from '../../src/api/contract';
import { type RunningServer, startServer } from '../../src/server/app/start-server';
import type { Settings } from '../../src/server/settings';
import { databaseFor } from './shared-database';

const WEB = join(import.meta.dirname, '../..');
export const REPOSITORY = join(WEB, '../..');

export interface TestServer extends RunningServer {
  readonly folder: string;
  readonly port: number;
  /** Fetches below the server's address; a JSON answer is parsed. */
  call<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: T }>;
}

export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'causeway-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** The whole server but for the pages, with a database of its own; samples are what lies in `<folder>/samples`. */
export async function startTestServer(folder: string, settings: Partial<Settings> = {}): Promise<TestServer> {
  const running = await startServer({
    settings: {
      root: REPOSITORY,
      host: '127.0.0.1',
      port: 0,
      token: undefined,
      allowedHosts: [],
      dataFolder: join(folder, 'data'),
      databaseUrl: await databaseFor(folder),
      ...settings,
    },
    samplesFolder: join(folder, 'samples'),
    version: '0.0.0',
    development: false,
    workerProgram: process.env.CAUSEWAY_TEST_WORKER ?? join(WEB, 'src/server/worker.ts'),
  });
  const port = Number(new URL(running.url).port);
  return {
    ...running,
    folder,
    port,
    async call<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
      const raw = body instanceof Uint8Array;
      const response = await fetch(`${running.url}${path}`, {
        method,
        headers: {
          ...(body !== undefined && { 'content-type': raw ? 'application/octet-stream' : 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: raw ? Buffer.from(body) : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
    },
  };
}

/** Uploads bytes in chunks, as the page does. Returns the last answer. */
export async function upload(server: TestServer, name: string, bytes: Uint8Array, chunkSize = 1 << 20) {
  const created = await server.call<Upload>('POST', '/api/uploads', { name, sizeBytes: bytes.length });
  if (created.status !== 200) return created;
  const { id } = created.body;
  for (let offset = 0; offset < bytes.length; offset += chunkSize) {
    await server.call('PUT', `/api/uploads/${id}?offset=${offset}`, bytes.subarray(offset, offset + chunkSize));
  }
  return server.call<CaptureSummary>('POST', `/api/uploads/${id}/complete`);
}

/** Asks until the condition holds. @throws after `limitMs` with the last answer. */
export async function until<T>(ask: () => Promise<T>, holds: (value: T) => boolean, limitMs = 100_000): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await ask();
    if (holds(value)) return value;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(value)}`);
    await delay(50);
  }
}

export const captureOnceSettled = (server: TestServer, id: string): Promise<CaptureSummary> =>
  until(
    async () => (await server.call<CaptureSummary>('GET', `/api/captures/${id}`)).body,
    ({ state }) => state === 'ready' || state === 'failed',
  );

/** Uploads a file and waits until it can be searched, or has failed. @throws when it is refused */
export async function uploadSettled(server: TestServer, name: string, bytes: Uint8Array): Promise<CaptureSummary> {
  const { status, body } = await upload(server, name, bytes);
  if (status !== 200) throw new Error(`refused with ${status}: ${JSON.stringify(body)}`);
  return captureOnceSettled(server, (body as CaptureSummary).id);
}
