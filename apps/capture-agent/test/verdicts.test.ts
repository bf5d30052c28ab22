import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type CaptureEvent, EventKind } from '@causeway/core';
import { describe, expect, it } from 'vitest';
import { type CallBytes, type PayloadLimits, PayloadPolicy, type StreamMemory } from '../src/record/payload-policy';
import { LACKING, type Recorded, recordEvents } from './support/recorded';

const ROUNDS = 200;
const LIMIT = 5;
const PING = '*1\r\n$4\r\nPING\r\n';
/** Pings itself over one connection, so many times as each line of its input says, and prints a line when it has. */
const SCRIPT = `
  const net = require('node:net');
  const PING = ${JSON.stringify(PING)};
  const server = net.createServer((far) => far.on('data', () => far.write('+PONG\\r\\n'))).listen(0, '127.0.0.1', () => {
    const near = net.connect(server.address().port, '127.0.0.1', () => console.log('connected'));
    let left = 0;
    near.on('data', () => (--left > 0 ? near.write(PING) : console.log('pinged')));
    process.stdin.on('data', (text) => { left = Number(text); near.write(PING); });
    process.stdin.on('end', () => near.end(() => server.close(() => process.exit())));
  });`;

/** Remembers how long the payload was that the kernel gave it of each call, and of how many connections it knows what they speak. */
class WatchedPolicy extends PayloadPolicy {
  readonly lengths: number[] = [];
  readonly known = new Set<StreamMemory>();

  override learn(memory: StreamMemory, call: CallBytes): void {
    this.lengths.push(call.length);
    super.learn(memory, call);
    if (memory.protocol !== undefined) this.known.add(memory);
  }
}

interface Run extends Recorded {
  /** Of the calls after the kernel was told. */
  readonly lengths: readonly number[];
}

async function pinged(limits: PayloadLimits, protocols: readonly string[]): Promise<Run> {
  const child = spawn(process.execPath, ['-e', SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  const line = () => once(child.stdout, 'data');
  await line();
  const policy = new WatchedPolicy(limits, undefined, protocols);
  let before = 0;
  const recorded = await recordEvents(
    { pids: [child.pid!] },
    { payloadPolicy: policy, unixSockets: false },
    async () => {
      child.stdin.write('1');
      await line();
      // Both ends of the connection, and all four calls of the first round.
      while (policy.known.size < 2 || policy.lengths.length < 4) await new Promise((done) => setTimeout(done, 5));
      before = policy.lengths.length;
      child.stdin.write(String(ROUNDS));
      await line();
      child.stdin.end();
      await once(child, 'close');
    },
  );
  return { ...recorded, lengths: policy.lengths.slice(before) };
}

const moved = ({ kind, result }: CaptureEvent) => kind === EventKind.data && result > 0;
const filtered = ({ losses }: Recorded) => losses.reduce((sum, loss) => sum + (loss.filtered ?? 0), 0);

describe.skipIf(LACKING !== '')(`what is decided about a connection (needs ${LACKING || 'nothing more'})`, () => {
  it('is left out in the kernel from then on, and counted', async () => {
    const run = await pinged({}, ['http']);
    expect(run.lengths).toEqual([]);
    expect(run.events.filter(({ socket }) => socket !== undefined)).toEqual([]);
    // Each round is four calls.
    expect(filtered(run)).toBeGreaterThanOrEqual(4 * (1 + ROUNDS));
    expect(run.losses.flatMap(({ ringDrops }) => ringDrops).every((count) => count === 0)).toBe(true);
  });

  it('is cut in the kernel from then on, and keeps its lengths', async () => {
    const run = await pinged({ byProtocol: new Map([['redis', LIMIT]]) }, []);
    expect(run.lengths.filter((length) => length > 0)).toEqual(Array(4 * ROUNDS).fill(LIMIT));
    const calls = run.events.filter(moved);
    expect(calls).toHaveLength(4 * (1 + ROUNDS));
    expect(new Set(calls.map(({ result }) => result))).toEqual(new Set([PING.length, '+PONG\r\n'.length]));
    // The first is kept as a whole at the end that sent it: until then nobody knew.
    expect(calls.filter(({ payload }) => payload.length > LIMIT).length).toBeLessThanOrEqual(2);
    expect(filtered(run)).toBe(0);
  });
});
