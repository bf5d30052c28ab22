import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventFlag } from '@causeway/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EndpointFilter, parseEndpointPattern } from '../src/record/endpoint-filter';
import { PayloadPolicy } from '../src/record/payload-policy';
import { LACKING, readCapture, recordBytes } from './support/recorded';
import { replayed } from './support/replayed';

const NGINX = '/usr/sbin/nginx';
const lacks = LACKING || (spawnSync(NGINX, ['-v']).status === 0 ? '' : 'nginx');

/**
 * A client, nginx, and a server behind it, each hop over one connection that is kept. Checks of health stand between other requests, and
 * ask a third party in turn.
 */
const SCRIPT = `
  const http = require('node:http');
  const { spawn } = require('node:child_process');
  const fs = require('node:fs');
  const folder = process.argv[1];
  const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (port, path, method = 'GET') => new Promise((done, fail) => {
    const request = http.request({ port, path, agent, method }, (response) => response.resume().on('end', done));
    request.on('error', fail).end(method === 'POST' ? 'b'.repeat(3000) : undefined);
  });
  (async () => {
    const stock = await listen(http.createServer((request, response) => response.end('s'.repeat(10))));
    // Without a length, so in chunks.
    const api = http.createServer((request, response) => request.resume().on('end', async () => {
      await ask(stock, request.url.startsWith('/health') ? '/stock/health' : '/stock/7');
      response.write('a'.repeat(2000));
      response.end('a'.repeat(2000));
    }));
    const port = await listen(api);
    const free = http.createServer();
    const front = await listen(free);
    await new Promise((done) => free.close(done));
    fs.writeFileSync(folder + '/nginx.conf', fs.readFileSync(folder + '/nginx.template', 'utf8')
      .replace('FRONT', front).replace('API', port));
    const nginx = spawn('${NGINX}', ['-c', folder + '/nginx.conf', '-p', folder], { stdio: 'inherit' });
    const until = Date.now() + 60000;
    for (;;) {
      const open = await ask(front, '/health').then(() => true, () => false);
      if (open) break;
      if (Date.now() > until) process.exit(1);
      await new Promise((done) => setTimeout(done, 20));
    }
    for (const n of [1, 2, 3]) {
      await ask(front, '/health/live?n=' + n);
      await ask(front, '/orders/' + n, n === 2 ? 'POST' : 'GET');
      await ask(front, '/health');
      await ask(front, '/metrics');
    }
    nginx.kill('SIGTERM');
    nginx.on('exit', () => process.exit());
  })();`;

const TEMPLATE = `
daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  upstream api { server 127.0.0.1:API; keepalive 1; }
  server {
    listen 127.0.0.1:FRONT;
    location / { proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}`;

describe.skipIf(lacks !== '')(`requests by endpoint (needs ${lacks || 'nothing more'})`, () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'causeway-endpoints-'));
    writeFileSync(join(folder, 'nginx.template'), TEMPLATE);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function recorded(only: readonly string[], excluded: readonly string[]) {
    const endpoints = new EndpointFilter(only.map(parseEndpointPattern), excluded.map(parseEndpointPattern));
    const bytes = await recordBytes(
      { command: [process.execPath, '-e', SCRIPT, folder] },
      { payloadLimit: 8192, payloadPolicy: new PayloadPolicy({}, undefined, [], endpoints), unixSockets: false },
    );
    const capture = readCapture(bytes);
    const filtered = capture.losses.reduce((sum, loss) => sum + (loss.filtered ?? 0), 0);
    return { ...capture, ...(await replayed(bytes)), filtered };
  }

  it.each([
    {
      only: [],
      excluded: ['GET */health*', '/metrics'],
      filters: { excludedEndpoints: ['http:GET */health*', 'http:/metrics'] },
    },
    {
      only: ['/orders*', 'GET /stock/{id}'],
      excluded: [],
      filters: { endpoints: ['http:/orders*', 'http:GET /stock/{id}'] },
    },
  ])(
    'only $only, without $excluded: the others are complete and nothing looks lost',
    async ({ only, excluded, filters }) => {
      const { header, events, spans, traces, coverage, filtered } = await recorded(only, excluded);
      expect(header.filters).toMatchObject(filters);
      // Metrics are asked for through nginx, and what that causes is another request.
      const wanted = ({ resource = '' }: { readonly resource?: string | undefined }) =>
        /^\/(orders|stock)\//.test(resource);
      expect(spans.filter((span) => !wanted(span))).toEqual([]);
      const withOrders = traces.filter((trace) => trace.spans.some(({ resource }) => resource?.startsWith('/orders')));
      expect(withOrders.map((trace) => trace.spans.map(({ tapSide, resource }) => `${tapSide} ${resource}`))).toEqual(
        [1, 2, 3].map((n) => [
          `c-p /orders/${n}`,
          `s-p /orders/${n}`,
          `c-p /orders/${n}`,
          `s-p /orders/${n}`,
          'c-p /stock/7',
          's-p /stock/7',
        ]),
      );
      expect(spans.filter(({ incomplete }) => incomplete !== undefined)).toEqual([]);
      expect(coverage).toMatchObject({ incompleteSpans: 0, unknownSockets: 0, droppedEvents: 0, lostBytes: 0 });
      const text = events.map(({ payload }) => Buffer.from(payload).toString('latin1')).join('');
      expect(text).not.toMatch(/health|\/metrics/);
      expect(events.filter(({ flags }) => (flags & EventFlag.afterFiltered) !== 0).length).toBeGreaterThan(0);
      // At least a request and an answer at both ends of each hop, for seven checks of health.
      expect(filtered).toBeGreaterThanOrEqual(7 * 2 * 2 * 2);
    },
  );
});
