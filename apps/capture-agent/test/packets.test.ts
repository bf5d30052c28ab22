import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type CaptureEvent, Direction, EventFlag, EventKind, type Span } from '@causeway/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CannotRecord } from '../src/native/native-addon';
import { packageRoot } from '../src/native/package-root';
import { parsePacketPoint } from '../src/packets/packet-point';
import { PayloadPolicy } from '../src/record/payload-policy';
import { Redactor } from '../src/redact/redactor';
import { canMakeNetworks, Network } from './support/network';
import { LACKING, readCapture, recordBytes } from './support/recorded';
import { replayed } from './support/replayed';

const lacks = LACKING || (canMakeNetworks ? '' : 'ip netns');
const HOP = join(packageRoot(), 'test', 'support', 'hop.mjs');
const PORT = 8080;
/** No process: packets alone. */
const NOBODY = { comms: ['no-such-program'] };
const isPacket = ({ flags }: CaptureEvent) => (flags & EventFlag.packet) !== 0;
const isData = ({ kind, result }: CaptureEvent) => kind === EventKind.data && result > 0;

describe.skipIf(lacks !== '')(`packets${lacks && ` (needs ${lacks})`}`, () => {
  let network: Network;
  beforeAll(() => {
    network = new Network();
  });
  afterAll(() => network?.remove());

  const points = (...names: string[]) => names.map((name) => parsePacketPoint(`netns:${name}`)!);
  const inside = (namespace: string, ...args: string[]) => [
    'ip',
    'netns',
    'exec',
    namespace,
    process.execPath,
    HOP,
    ...args,
  ];
  const both = (requests: number) => {
    const serve = inside(network.server, 'serve', String(PORT), String(requests)).join(' ');
    const ask = inside(network.client, 'ask', `http://10.91.2.2:${PORT}`, String(requests)).join(' ');
    return ['/bin/sh', '-c', `${serve} & ${ask}; wait`];
  };

  it('carry the sequence numbers that both ends saw, at each of four places on the way', async () => {
    const { client, router, server } = network;
    const bytes = await recordBytes(
      { command: both(3), ports: [PORT] },
      { packets: { points: points(`${client}/c0`, `${router}/r0`, `${router}/r1`, `${server}/s0`), hosts: [] } },
    );
    const { events, losses } = readCapture(bytes);
    const runs = new Map<string, Set<string>>();
    for (const event of events.filter(isData)) {
      const { local, remote } = event.socket!;
      const egress = event.direction === Direction.egress;
      const where = isPacket(event) ? event.thread.comm : egress ? 'sent' : 'received';
      const [from, to] = egress ? [local, remote] : [remote, local];
      const text = Buffer.from(event.payload).toString('latin1');
      const run = runs.get(where) ?? new Set();
      runs.set(where, run.add(`${from.port === PORT ? 'server' : 'client'} ${event.tcpSeqEnter} ${text}`));
      expect(to.port === PORT || from.port === PORT).toBe(true);
    }
    const sent = [...runs.get('sent')!].sort();
    expect(sent).toHaveLength(6);
    for (const place of ['received', `${client}/c0`, `${router}/r0`, `${router}/r1`, `${server}/s0`]) {
      expect([place, ...[...runs.get(place)!].sort()]).toEqual([place, ...sent]);
    }
    const times = events.filter(isData).map(({ exit }) => exit);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(60e9);
    expect(losses.reduce((sum, { packetDrops = 0 }) => sum + packetDrops, 0)).toBe(0);

    const { spans, traces } = await replayed(bytes);
    const byPlace = (span: Span) => `${span.tapSide} ${span.type === 'net' ? span.interfaceName : ''} ${span.resource}`;
    expect(spans.map(byPlace).sort()).toEqual(
      ['/1', '/2', '/3']
        .flatMap((path) => [
          `c-p  ${path}`,
          `c ${client}/c0 ${path}`,
          `c-nd ${router}/r0 ${path}`,
          `s-nd ${router}/r1 ${path}`,
          `s ${server}/s0 ${path}`,
          `s-p  ${path}`,
        ])
        .sort(),
    );
    for (const path of ['/1', '/2', '/3']) {
      const seen = spans.filter(({ resource }) => resource === path);
      expect(new Set(seen.map((span) => span.type !== 'app' && span.tcpSeqRequest)).size).toBe(1);
      expect(new Set(seen.map((span) => span.type !== 'app' && span.tcpSeqResponse)).size).toBe(1);
    }
    // The rules hang each place under the one before it.
    const chains = traces.map((trace) =>
      trace.spans.map(({ id, tapSide }) => `${trace.links.get(id)?.rule ?? 'root'} ${tapSide}`),
    );
    const chain = ['root c-p', 'R09 c', 'R09 c-nd', 'R09 s-nd', 'R09 s', 'R10 s-p'];
    expect(chains).toEqual([chain, chain, chain]);
    // One clock: on its way a request passes one place after the other.
    const starts = (path: string) =>
      ['c-p', 'c', 'c-nd', 's-nd', 's', 's-p'].map(
        (side) => spans.find(({ tapSide, resource }) => tapSide === side && resource === path)!.start,
      );
    for (const path of ['/1', '/2', '/3']) expect(starts(path)).toEqual([...starts(path)].sort((a, b) => a - b));
  });

  it('are filtered in the kernel by port and address, and masked', async () => {
    const { client, server } = network;
    const record = async (ports: readonly number[], hosts: readonly string[]) => {
      const payloadPolicy = new PayloadPolicy({}, new Redactor({ names: ['host'], literals: false }));
      const options = { packets: { points: points(`${client}/c0`), hosts }, payloadPolicy, payloadLimit: 36 };
      const { events } = readCapture(await recordBytes({ ...NOBODY, ports }, options, traffic));
      return events.filter(isPacket);
    };
    const traffic = async () => {
      const [command = '', ...args] = inside(server, 'serve', String(PORT), '1');
      const [asker = '', ...asks] = inside(client, 'ask', `http://10.91.2.2:${PORT}`, '1');
      const children = [spawn(command, args, { stdio: 'ignore' }), spawn(asker, asks, { stdio: 'ignore' })];
      await Promise.all(children.map((child) => once(child, 'close')));
    };
    expect(await record([PORT + 1], [])).toEqual([]);
    expect(await record([], ['10.91.2.3', '::1'])).toEqual([]);
    const [request] = (await record([PORT], ['10.91.2.2'])).filter(isData);
    const text = Buffer.from(request!.payload).toString();
    expect(text).toMatch(/^GET \/1 HTTP\/1\.1\r\nHost: \*+$/);
    expect(text).toHaveLength(36);
    expect(request!.result).toBeGreaterThan(text.length);
    expect(request!.socket!.netns).toBeGreaterThan(0);
  });

  it.each([
    ['no-such-interface', { points: [parsePacketPoint('nosuch0')!], hosts: [] }, /no such interface|nosuch0/i],
    ['no-such-namespace', { points: [parsePacketPoint('netns:nosuch/eth0')!], hosts: [] }, /nosuch/],
  ])('say what is not there: %s', async (_name, packets, message) => {
    const recording = recordBytes(NOBODY, { packets });
    await expect(recording).rejects.toThrow(message);
    await expect(recording).rejects.toBeInstanceOf(CannotRecord);
  });
});
