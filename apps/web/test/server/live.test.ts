import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LiveFromAgent, LiveFromServer } from '@causeway/replay';
import { captureOf, eventBlockFromRows, requestRows } from '@causeway/replay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { CaptureSummary, TraceList, TraceView } from '../../src/api/contract';
import { followCapture } from '../../src/server/ingest/follow-capture';
import { captureOnceSettled, startTestServer, type TestServer, temporaryFolder, until } from './harness';

const ID = '11111111-2222-4333-8444-555555555555';
const HOST = { type: 'hello', protocol: 1, captureId: ID, name: 'live test', hostName: 'box' } as const;
const FIRST = 1_000_100_000n;
/** Its server is an event loop with eight requests at once. */
const SAMPLE = join(
  import.meta.dirname,
  '../../../../captures/node-one-connection/node-one-connection.causeway.msgpack',
);
const SAMPLE_ID = '11111111-2222-4333-8444-000000000004';
/** A capture of so many requests, and one without the index that ends it. */
const captureWith = (requests: number): Uint8Array =>
  captureOf(
    (writer) => {
      for (let n = 0; n < requests; n += 1)
        writer.writeEvents(eventBlockFromRows(requestRows(n, FIRST + BigInt(n) * 1_000_000n)));
    },
    { captureId: ID },
  );

/** What an agent does: connects, says hello, learns where to go on, sends. */
class TestAgent {
  readonly messages: LiveFromServer[] = [];
  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => this.messages.push(JSON.parse(String(data))));
    socket.on('error', () => undefined);
  }

  static async connect(port: number, hello: LiveFromAgent = HOST): Promise<TestAgent> {
    const agent = new TestAgent(new WebSocket(`ws://127.0.0.1:${port}/api/live`));
    await once(agent.socket, 'open');
    agent.say(hello);
    return agent;
  }
  say(message: LiveFromAgent): void {
    this.socket.send(JSON.stringify(message));
  }
  async next<T extends LiveFromServer['type']>(
    type: T,
    holds: (message: Extract<LiveFromServer, { type: T }>) => boolean = () => true,
  ) {
    const isWanted = (message: LiveFromServer): message is Extract<LiveFromServer, { type: T }> =>
      message.type === type && holds(message as Extract<LiveFromServer, { type: T }>);
    const found = await until(
      async () => this.messages.find(isWanted),
      (message) => message !== undefined,
    );
    if (found === undefined) throw new Error(`no ${type}`);
    return found;
  }
  async gone(): Promise<void> {
    if (this.socket.readyState !== WebSocket.CLOSED) await once(this.socket, 'close');
  }
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

describe('a live capture', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(folder.path);
  });
  afterAll(() => server.close());

  const summary = async (): Promise<CaptureSummary> =>
    (await server.call<CaptureSummary>('GET', `/api/captures/${ID}`)).body;

  it('shows its traces while it grows, and ends like a file', async () => {
    const whole = captureWith(4);
    const half = whole.length >> 1;
    const agent = await TestAgent.connect(server.port);
    expect(await agent.next('resume')).toEqual({ type: 'resume', durableOffset: 0 });
    for (let at = 0; at < half; at += 333) agent.socket.send(whole.subarray(at, Math.min(half, at + 333)));
    await agent.next('ack', ({ durableOffset }) => durableOffset === half);
    const growing = await until(summary, ({ traceCount }) => traceCount > 0);
    expect(growing).toMatchObject({
      state: 'receiving',
      connected: true,
      origin: 'live',
      name: 'live test',
      sizeBytes: half,
      hostName: 'box',
    });
    const { body: early } = await server.call<TraceList>('GET', `/api/captures/${ID}/traces`);
    expect(early.total).toBeGreaterThan(0);
    const isGrowing = async () => {
      const path = `/api/captures/${ID}/traces/${early.traces[0]!.id}`;
      return (await server.call<TraceView>('GET', path)).body.growing;
    };
    expect(await isGrowing()).toBe(true);

    agent.say({ type: 'end', length: whole.length });
    expect((await agent.next('refused')).reason).toMatch(/have arrived/);
    await agent.gone();

    const back = await TestAgent.connect(server.port);
    const { durableOffset } = await back.next('resume');
    expect(durableOffset).toBe(half);
    back.socket.send(whole.subarray(durableOffset));
    back.say({ type: 'end', length: whole.length });
    await back.next('done');
    const done = await captureOnceSettled(server, ID);
    expect(done).toMatchObject({ state: 'ready', connected: false, traceCount: 4, sizeBytes: whole.length });
    expect(done.problem).toBeUndefined();
    expect(await isGrowing()).toBe(false);
    expect((await readFile(join(folder.path, `data/captures/${ID}.causeway.msgpack`))).equals(whole)).toBe(true);
  });

  it('shows whose the calls of an event loop are before it ends', async () => {
    const whole = await readFile(SAMPLE);
    const agent = await TestAgent.connect(server.port, { ...HOST, captureId: SAMPLE_ID });
    await agent.next('resume');
    agent.socket.send(whole.subarray(0, -1));
    await agent.next('ack', ({ durableOffset }) => durableOffset === whole.length - 1);
    const linkRules = async () => {
      const { body } = await server.call<TraceList>('GET', `/api/captures/${SAMPLE_ID}/traces`);
      const views = body.traces.map(({ id }) =>
        server.call<TraceView>('GET', `/api/captures/${SAMPLE_ID}/traces/${id}`),
      );
      return (await Promise.all(views)).flatMap(({ body }) => body.links.map(({ rule }) => rule));
    };
    const isAttributed = (rules: readonly string[]) => rules.includes('X04');
    expect(isAttributed(await until(linkRules, isAttributed))).toBe(true);
    const growing = await server.call<CaptureSummary>('GET', `/api/captures/${SAMPLE_ID}`);
    expect(growing.body.state).toBe('receiving');
    agent.socket.send(whole.subarray(-1));
    agent.say({ type: 'end', length: whole.length });
    await agent.next('done');
    await captureOnceSettled(server, SAMPLE_ID);
    expect(isAttributed(await linkRules())).toBe(true);
  });

  it('is taken over by a newer connection of its agent', async () => {
    const id = '11111111-2222-4333-8444-000000000001';
    const older = await TestAgent.connect(server.port, { ...HOST, captureId: id });
    await older.next('resume');
    older.socket.send(Buffer.from(captureWith(1).subarray(0, 50)));
    const newer = await TestAgent.connect(server.port, { ...HOST, captureId: id });
    await older.gone();
    expect((await newer.next('resume')).durableOffset).toBe(50);
    newer.socket.close();
  });

  it('whose agent stays silent is given up with a sentence, and goes on when the agent comes back', async () => {
    const id = '11111111-2222-4333-8444-000000000003';
    const whole = captureOf(
      (writer) => {
        for (const n of [0, 1]) writer.writeEvents(eventBlockFromRows(requestRows(n, FIRST + BigInt(n) * 1_000_000n)));
      },
      { captureId: id },
    );
    const { data, database } = server.services;
    const filePath = data.captureFile(id);
    await writeFile(data.resolve(filePath), whole.subarray(0, whole.length - 300));
    await database.prisma.capture.create({
      data: {
        id,
        name: 'silent',
        origin: 'live',
        state: 'receiving',
        complete: false,
        filePath,
      },
    });
    await followCapture({ database, data, ownParsers: [], signal: new AbortController().signal }, id, 0);
    const given = await server.call<CaptureSummary>('GET', `/api/captures/${id}`);
    expect(given.body).toMatchObject({ state: 'ready', connected: false });
    expect(given.body.problem).toMatch(/stopped sending/);

    const agent = await TestAgent.connect(server.port, { ...HOST, captureId: id });
    const { durableOffset } = await agent.next('resume');
    agent.socket.send(whole.subarray(durableOffset));
    agent.say({ type: 'end', length: whole.length });
    await agent.next('done');
    const done = await captureOnceSettled(server, id);
    expect(done).toMatchObject({ state: 'ready', traceCount: 2 });
    expect(done.problem).toBeUndefined();
  });

  it('that was deleted does not come back', async () => {
    const id = '11111111-2222-4333-8444-000000000002';
    const agent = await TestAgent.connect(server.port, { ...HOST, captureId: id });
    await agent.next('resume');
    expect((await server.call('DELETE', `/api/captures/${id}`)).status).toBe(204);
    expect((await agent.next('refused')).reason).toMatch(/deleted/);
    const again = await TestAgent.connect(server.port, { ...HOST, captureId: id });
    expect((await again.next('refused')).reason).toMatch(/deleted/);
  });

  it.each([
    ['another version', { ...HOST, protocol: 2 } as unknown as LiveFromAgent],
    ['a capture id that is a path', { ...HOST, captureId: '../../etc/passwd' }],
  ])('is refused with a sentence for %s', async (_, hello) => {
    const agent = await TestAgent.connect(server.port, hello);
    expect((await agent.next('refused')).reason).toMatch(/\.$/);
    await agent.gone();
  });
});

describe('a server that is killed while agents send', () => {
  it('goes on after its restart with no byte lost and none twice', async () => {
    const { path } = folder;
    const id = '22222222-2222-4333-8444-555555555555';
    const whole = captureOf(
      (writer) => {
        for (let n = 0; n < 40; n += 1)
          writer.writeEvents(eventBlockFromRows(requestRows(n, FIRST + BigInt(n) * 1_000_000n)));
      },
      { captureId: id },
    );
    let server = await startProcess(path);
    try {
      for (const stopAt of [whole.length / 3, (2 * whole.length) / 3, whole.length]) {
        const agent = await TestAgent.connect(server.port, { ...HOST, captureId: id });
        let { durableOffset: at } = await agent.next('resume');
        for (; at < stopAt; at += 500) agent.socket.send(whole.subarray(at, Math.min(whole.length, at + 500)));
        if (stopAt === whole.length) {
          agent.say({ type: 'end', length: whole.length });
          await agent.next('done');
          break;
        }
        await delay(20);
        server.child.kill('SIGKILL');
        await agent.gone();
        server = await startProcess(path, server.port);
      }
      const settled = await until(
        async () =>
          (await (await fetch(`http://127.0.0.1:${server.port}/api/captures/${id}`)).json()) as CaptureSummary,
        ({ state }) => state === 'ready' || state === 'failed',
      );
      expect(settled).toMatchObject({ state: 'ready', traceCount: 40 });
      expect((await readFile(join(path, `data/captures/${id}.causeway.msgpack`))).equals(whole)).toBe(true);
    } finally {
      server.child.kill('SIGTERM');
      await once(server.child, 'exit');
    }
  }, 120_000);
});

async function startProcess(path: string, port = 0): Promise<{ child: ChildProcess; port: number }> {
  const program = join(import.meta.dirname, 'serve-process.ts');
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), program, path, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return { child, port: Number(new URL(String(line).trim()).port) };
}
