import { type CaptureEvent, EventKind, type SysSpan } from '@causeway/core';
import { describe, expect, it } from 'vitest';
import { PayloadPolicy } from '../src/record/payload-policy';
import { LACKING, readCapture, recordBytes } from './support/recorded';
import { replayed } from './support/replayed';

const BODY = 300_000;
/** A server and its client in one program: two requests over one connection, with a large body each way. */
const SCRIPT = `
  const http = require('node:http');
  const body = Buffer.alloc(${BODY}, 'b');
  const server = http.createServer((request, response) => request.resume().on('end', () => response.end(body)));
  server.listen(0, '127.0.0.1', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const { port } = server.address();
    for (const n of [1, 2]) await new Promise((done) => http.request({ port, agent, method: 'POST', path: '/upload/' + n },
      (response) => response.resume().on('end', done)).end(body));
    process.exit();
  });`;
const command = [process.execPath, '-e', SCRIPT];

/** Cuts nothing in the agent. */
class KernelAlone extends PayloadPolicy {
  override kept(length: number): number {
    return length;
  }
}
const moved = ({ kind, result }: CaptureEvent) => kind === EventKind.data && result > 0;

describe.skipIf(LACKING !== '')(`payload limits (needs ${LACKING || 'nothing more'})`, () => {
  it.each([
    ['the kernel', (perTurn: number) => new KernelAlone({ perTurn })],
    // A limit that cuts nothing.
    ['the agent', (perTurn: number) => new PayloadPolicy({ perTurn, byProtocol: new Map([['redis', 1024]]) })],
  ])('keep the head of what goes one way, cut by %s, and each message whole in length', async (_who, policyOf) => {
    const perTurn = 600;
    const bytes = await recordBytes({ command }, { payloadPolicy: policyOf(perTurn) });
    const { events } = readCapture(bytes);
    const byTurn = new Map<string, number[]>();
    for (const { socket, direction, payload } of events.filter(moved)) {
      const turns = byTurn.get(socket!.id) ?? [0];
      if (turns[0] !== direction) turns.push(0);
      turns[0] = direction;
      turns[turns.length - 1]! += payload.length;
      byTurn.set(socket!.id, turns);
    }
    expect(byTurn.size).toBe(2);
    for (const [, ...kept] of byTurn.values()) {
      // Two requests and two responses, at both ends.
      expect(kept.length).toBe(4);
      for (const count of kept) expect(count).toBe(perTurn);
    }
    const { spans } = await replayed(bytes);
    const facts = (spans as SysSpan[]).map((span) => [
      span.resource,
      span.statusCode,
      span.truncated,
      span.incomplete,
      span.requestLength! > BODY,
      span.responseLength! > BODY,
    ]);
    const each = (path: string) => [path, 200, true, undefined, true, true];
    expect(facts.sort()).toEqual([each('/upload/1'), each('/upload/1'), each('/upload/2'), each('/upload/2')]);
  });

  it('may go by protocol', async () => {
    const byProtocol = new Map([['http', 50]]);
    const bytes = await recordBytes({ command }, { payloadPolicy: new PayloadPolicy({ byProtocol }) });
    const { events, header } = readCapture(bytes);
    expect(Math.max(...events.filter(moved).map(({ payload }) => payload.length))).toBe(50);
    expect(header.redactions).toEqual(['payload of http behind the first 50 bytes of a call']);
  });
});

describe.skipIf(LACKING !== '')(`connections by protocol (needs ${LACKING || 'nothing more'})`, () => {
  it('are left out once they are known, and counted', async () => {
    const lines = `
      const net = require('node:net');
      const lines = net.createServer((far) => far.on('data', () => far.write('+PONG\\\\r\\\\n'))).listen(0, '127.0.0.1', () => {
        const near = net.connect(lines.address().port, '127.0.0.1');
        let left = 5;
        const ping = () => near.write('*1\\\\r\\\\n$4\\\\r\\\\nPING\\\\r\\\\n');
        near.on('connect', ping).on('data', () => (--left > 0 ? ping() : start()));
      });
      const start = () => { ${SCRIPT} };`.replaceAll('\\\\', '\\');
    const bytes = await recordBytes(
      { command: [process.execPath, '-e', lines] },
      { payloadPolicy: new PayloadPolicy({}, undefined, ['http']) },
    );
    const { events, header, losses } = readCapture(bytes);
    expect(header.filters.protocols).toEqual(['http']);
    expect(events.filter(({ payload }) => Buffer.from(payload).includes('PING'))).toEqual([]);
    // Ten pings and pongs, each at both ends.
    expect(losses.reduce((sum, { filtered = 0 }) => sum + filtered, 0)).toBeGreaterThanOrEqual(20);
    const { spans } = await replayed(bytes);
    expect([...new Set(spans.map(({ protocol }) => protocol))]).toEqual(['http']);
    expect(spans).toHaveLength(4);
  });
});
