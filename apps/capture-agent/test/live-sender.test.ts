import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { LiveSender, type LiveSenderOptions } from '../src/stream/live-sender';
import { Spool } from '../src/stream/spool';
import { FileServer } from './support/file-server';
import { scratchFolder } from './support/recorded';

const SEGMENT = 64 * 1024;
const hello = { captureId: '0b5d2c9e-6d0f-4d0c-8a3c-1d9f0c1f2a3b', name: 'test', hostName: 'host' };

describe('live sending', () => {
  const folder = scratchFolder();
  const open: { sender?: LiveSender; server?: FileServer }[] = [];
  let count = 0;
  afterAll(() => folder.remove());

  afterEach(async () => {
    for (const { sender, server } of open.splice(0)) {
      sender?.close();
      await server?.stop();
    }
  });

  async function begin(options: Partial<LiveSenderOptions> = {}, refusal?: string) {
    count += 1;
    const spoolFolder = join(folder.path, `spool-${count}`);
    const server = new FileServer(join(folder.path, `received-${count}`), refusal);
    const path = server.pathOf(hello.captureId);
    await server.start();
    const spool = new Spool(spoolFolder, SEGMENT);
    const url = new URL(`http://127.0.0.1:${server.port}`);
    const connect = (over: Spool) => new LiveSender({ url, hello, spool: over, firstWaitMs: 10, ...options });
    const sender = connect(spool);
    open.push({ sender, server });
    return { path, spoolFolder, server, spool, sender, connect };
  }

  const bytesOf = (length: number, seed: number) =>
    Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 7) & 0xff));

  it('delivers every byte once over restarts of the server', async () => {
    const { path, server, spool, sender, spoolFolder } = await begin();
    const whole: Buffer[] = [];
    while (server.hellos.length === 0) await sleep(5);
    for (let i = 0; i < 40; i++) {
      const part = bytesOf(20_000 + i, i);
      whole.push(part);
      spool.append(part);
      sender.notify();
      if (i % 10 === 5) await server.stop();
      await sleep(5);
      if (i % 10 === 8) {
        const before = server.hellos.length;
        await server.start();
        // Only a server that the sender came back to counts as one restart: how soon it does is up to its waits.
        while (server.hellos.length === before) await sleep(5);
      }
    }
    sender.finish();
    expect(await sender.settled).toBe('done');
    expect(readFileSync(path).equals(Buffer.concat(whole))).toBe(true);
    expect(server.hellos.length).toBeGreaterThanOrEqual(5);
    // What was acknowledged is no longer kept, but for the segment being written.
    expect(readdirSync(spoolFolder)).toHaveLength(1);
  });

  it('goes on from the spool of an agent that died', async () => {
    const { path, spool, sender, connect, spoolFolder } = await begin();
    const [first, second] = [bytesOf(100_000, 1), bytesOf(150_000, 2)];
    spool.append(first);
    sender.notify();
    while (sender.acknowledged < first.length) await sleep(5);
    sender.close();
    spool.append(second);
    spool.close();
    const taken = new Spool(spoolFolder, SEGMENT);
    const heir = connect(taken);
    open.push({ sender: heir });
    heir.finish();
    expect(await heir.settled).toBe('done');
    expect(readFileSync(path).equals(Buffer.concat([first, second]))).toBe(true);
  });

  it('sends the token, and waits for a server that is not there yet', async () => {
    const { server, spool, sender } = await begin({ token: 'secret' });
    await server.stop();
    spool.append(bytesOf(10, 3));
    sender.finish();
    await sleep(50);
    expect(sender.state).toBe('connecting');
    await server.start();
    expect(await sender.settled).toBe('done');
    expect(server.authorizations.at(-1)).toBe('Bearer secret');
  });

  it('stops when it is refused, with the reason', async () => {
    const { sender } = await begin({}, 'This capture was deleted.');
    expect(await sender.settled).toBe('refused');
    expect(sender.problem).toBe('This capture was deleted.');
  });

  it('does not send a capture whose beginning neither side has', async () => {
    const { path, spool, sender } = await begin();
    appendFileSync(path, 'bytes of another life');
    sender.close();
    spool.append(bytesOf(5, 1));
    const second = new LiveSender({ url: new URL(`http://127.0.0.1:${open[0]!.server!.port}`), hello, spool });
    open.push({ sender: second });
    expect(await second.settled).toBe('refused');
    expect(second.problem).toMatch(/begin a new one/);
  });
});
