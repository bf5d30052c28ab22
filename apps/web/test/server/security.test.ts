import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { PlainError } from '../../src/server/plain-error';
import { readSettings } from '../../src/server/settings';
import { startTestServer, type TestServer, temporaryFolder } from './harness';

const TOKEN = 'a secret for the test';
let server: TestServer;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startTestServer(folder.path, { token: TOKEN, allowedHosts: ['traces.example'] });
});
afterAll(async () => {
  await server.close();
  await folder.remove();
});

/** fetch cannot set Host or Origin. */
function ask(
  path: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ status: number; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: server.port, path, method, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

const bearer = { authorization: `Bearer ${TOKEN}` };

function connect(headers: Record<string, string>): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/api/live`, { headers });
    socket.on('open', () => {
      socket.close();
      resolve('open');
    });
    socket.on('error', (error) => resolve(error.message));
  });
}

describe('a server with a token', () => {
  it.each([
    ['no token', {}, 401],
    ['a wrong token', { authorization: 'Bearer wrong' }, 401],
    ['the token', bearer, 200],
    ['a made-up cookie', { cookie: 'causeway_session=00ff' }, 401],
  ])('answers a request with %s with its status', async (_, headers, status) => {
    expect((await ask('/api/captures', headers)).status).toBe(status);
  });

  it('gives a browser that shows the token a cookie, and takes it from the address', async () => {
    const login = await ask(`/login?token=${encodeURIComponent(TOKEN)}`, { accept: 'text/html' });
    expect(login).toMatchObject({ status: 303, headers: { location: '/' } });
    const cookie = String(login.headers['set-cookie']).split(';')[0] ?? '';
    expect(cookie).not.toContain(TOKEN);
    expect((await ask('/api/captures', { cookie })).status).toBe(200);
    expect((await ask(`//evil.example/?token=${encodeURIComponent(TOKEN)}`, {})).headers.location).toBe(
      '/evil.example/',
    );
    expect((await ask('/login?token=wrong', { accept: 'text/html' })).status).toBe(401);
  });

  it('lets agents in with the token only', async () => {
    expect(await connect({})).toContain('401');
    expect(await connect(bearer)).toBe('open');
  });
});

describe('against other sites', () => {
  it.each([
    ['evil.example', 403],
    [`evil.example:3000`, 403],
    ['127.0.0.1', 200],
    ['localhost:1234', 200],
    ['[::1]:80', 200],
    ['traces.example', 200],
  ])('a request for the host %s gets %i', async (host, status) => {
    expect((await ask('/api/captures', { host, ...bearer })).status).toBe(status);
  });

  it('refuses writes and sockets that another origin asks for', async () => {
    const foreign = { origin: 'http://evil.example', ...bearer };
    expect((await ask('/api/uploads', foreign, 'POST')).status).toBe(403);
    expect(await connect(foreign)).toContain('403');
    const own = { host: 'localhost:5', origin: 'http://localhost:5', ...bearer };
    expect((await ask('/api/uploads', own, 'POST')).status).toBe(400);
  });

  it('says in its headers that nobody may frame it or guess types', async () => {
    const { headers } = await ask('/api/status', bearer);
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('settings', () => {
  it('refuse an address beyond loopback without a token', () => {
    expect(() => readSettings('/', { HOST: '0.0.0.0' })).toThrow(PlainError);
    expect(readSettings('/', { HOST: '0.0.0.0', CAUSEWAY_TOKEN: 'x' }).host).toBe('0.0.0.0');
    expect(() => readSettings('/', { PORT: 'x' })).toThrow(/PORT=x/);
  });
});
