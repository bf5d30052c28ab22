import { EventKind } from '@causeway/core';
import { describe, expect, it } from 'vitest';
import { PayloadPolicy } from '../src/record/payload-policy';
import { DEFAULT_NAMES } from '../src/redact/name-set';
import { Redactor } from '../src/redact/redactor';
import { LACKING, readCapture, recordBytes, recordEvents } from './support/recorded';
import { replayed } from './support/replayed';

const SECRET = 'Opensesame42';

/** A server and its client in one program: the secret goes by in a header, a parameter, a cookie, a body and an argument. */
const SCRIPT = `
  const http = require('node:http');
  const server = http.createServer((request, response) => {
    response.setHeader('Set-Cookie', 'session=${SECRET}');
    request.resume().on('end', () => response.end('fine'));
  }).listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    const headers = { authorization: 'Bearer ${SECRET}', 'x-request-id': 'visible-7' };
    http.request({ port, path: '/orders?token=${SECRET}&page=2', method: 'POST', headers }, (response) =>
      response.resume().on('end', () => process.exit())).end(JSON.stringify({ password: '${SECRET}' }));
  });`;

/** The same over HTTP/2, whose header blocks are compressed. */
const HTTP2_SCRIPT = `
  const http2 = require('node:http2');
  const server = http2.createServer((request, response) => {
    response.setHeader('set-cookie', 'session=${SECRET}');
    request.resume().on('end', () => response.end('fine'));
  }).listen(0, '127.0.0.1', async () => {
    const client = http2.connect('http://127.0.0.1:' + server.address().port);
    for (const n of [1, 2]) {
      const headers = { authorization: 'Bearer ${SECRET}', 'x-api-key': n + '${SECRET}', 'x-request-id': 'visible-' + n };
      const path = '/orders/' + n + '?token=${SECRET}&page=2';
      const request = client.request({ ':method': 'POST', ':path': path, ...headers }).end();
      await new Promise((resolve) => request.resume().on('end', resolve));
    }
    process.exit();
  });`;

describe.skipIf(LACKING !== '')(`privacy (needs ${LACKING || 'nothing more'})`, () => {
  const command = [process.execPath, '-e', SCRIPT, '--', '--token', SECRET];
  const textOf = (events: readonly { readonly payload: Uint8Array }[]) =>
    events.map(({ payload }) => Buffer.from(payload).toString('latin1')).join('\n');

  it('keeps secrets out of payload, command lines and header, and everything else in', async () => {
    const redactor = new Redactor({ names: DEFAULT_NAMES, literals: false });
    const recorded = await recordEvents(
      { command: command.slice() },
      { payloadPolicy: new PayloadPolicy({}, redactor) },
    );
    const text = textOf(recorded.events);
    expect(text).not.toContain(SECRET);
    expect(text).toContain(`POST /orders?token=${'*'.repeat(SECRET.length)}&page=2`);
    expect(text).toContain('visible-7');
    const { filters, redactions } = recorded.header;
    expect(filters.command?.slice(-2)).toEqual(['--token', '*'.repeat(SECRET.length)]);
    expect(redactions.join('; ')).toContain('authorization');
    const lines = recorded.snapshots.flatMap(({ processes }) => processes.map(({ commandLine }) => commandLine ?? ''));
    expect(lines.filter((line) => line.includes(`--token ${SECRET}`))).toEqual([]);
  });

  it('keeps secrets out of HTTP/2 header blocks, and the rest of them readable', async () => {
    const bytes = await recordBytes(
      { command: [process.execPath, '-e', HTTP2_SCRIPT] },
      { payloadPolicy: new PayloadPolicy({}, new Redactor({ names: DEFAULT_NAMES, literals: false })) },
    );
    const { spans } = await replayed(bytes);
    const handled = spans.filter(({ protocol, tapSide }) => protocol === 'http2' && tapSide === 's-p');
    expect(handled.map(({ xRequestIdRequest, statusCode }) => [xRequestIdRequest, statusCode])).toEqual([
      ['visible-1', 200],
      ['visible-2', 200],
    ]);
    for (const [i, { resource }] of handled.entries()) {
      expect(resource).toMatch(new RegExp(`^/orders/${i + 1}\\?token=[*0 :]+&page=2$`));
    }
    const hidden = Buffer.alloc(8, 0xf9);
    const { events } = readCapture(bytes);
    // "Bearer Opensesame42" takes 14 bytes in Huffman code; it comes once, then the table has it. So it is at both ends.
    expect(events.filter(({ payload }) => Buffer.from(payload).includes(hidden)).length).toBeGreaterThanOrEqual(2);
  });

  it('keeps no payload of a port that is switched off, but its lengths', async () => {
    const server = 'const s = require("node:net").createServer((c) => c.pipe(c)).listen(21471, "127.0.0.1", () => {';
    const client = 'const c = require("node:net").connect(21471, "127.0.0.1", () => c.end("twelve bytes"));';
    const script = `${server}${client} c.resume().on("close", () => process.exit()) })`;
    const { events, header } = await recordEvents(
      { command: [process.execPath, '-e', script] },
      { payloadPolicy: new PayloadPolicy({ byPort: new Map([[21471, 0]]) }) },
    );
    const moved = events.filter(({ kind, result }) => kind === EventKind.data && result > 0);
    expect(moved.map(({ result }) => result)).toEqual([12, 12, 12, 12]);
    expect(moved.every(({ payload }) => payload.length === 0)).toBe(true);
    expect(header.redactions).toEqual(['payload on port 21471']);
  });
});
