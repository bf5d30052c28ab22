import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CaptureEvent, Direction, EventFlag, EventKind, SyscallAbi } from '@causeway/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAddon } from '../src/native/native-addon';
import type { Hooks } from '../src/record/recording-options';
import { compile, ends, LACKING, recordEvents, scratchFolder, sent } from './support/recorded';

const { read, readv, recvfrom, recvmsg, recvmmsg, write, writev, sendto, sendmsg, sendmmsg } = SyscallAbi;
const data = (events: readonly CaptureEvent[], direction: Direction) =>
  events.filter((event) => event.kind === EventKind.data && event.direction === direction);

/** What went from one end to the other, by sender and receiver, put together by sequence number. */
function streams(events: readonly CaptureEvent[]): Map<string, string> {
  const parts = new Map<string, CaptureEvent[]>();
  for (const event of events.filter(({ socket, result }) => socket!.transport === 'tcp' && result > 0)) {
    const { here, there } = ends(event.socket!);
    const from = event.direction === Direction.egress ? here : there;
    parts.set(from, [...(parts.get(from) ?? []), event]);
  }
  return new Map(
    [...parts].map(([from, calls]) => {
      const first = calls[0]!.tcpSeqEnter!;
      const length = calls.reduce((sum, { result }) => sum + result, 0);
      const stream = Buffer.alloc(length);
      for (const call of calls) stream.set(call.payload, (call.tcpSeqEnter! - first) >>> 0);
      return [`${from} ${first}`, stream.toString('latin1')];
    }),
  );
}

/** Of a call's first byte, by the end that sent it. */
const placeOf = ({ socket, tcpSeqEnter }: CaptureEvent, sender: 'here' | 'there') =>
  `${ends(socket!)[sender]} ${tcpSeqEnter}`;

/** As this kernel allows, and as older ones do: see calls as system calls, and read memory without casts before 6.2. */
const WAYS: { way: string; hooks?: Hooks; withoutCasts?: boolean }[] = [
  { way: 'at the sockets', ...(LACKING === '' && loadAddon().canAttachToSockets() && { hooks: 'sockets' }) },
  { way: 'as system calls', hooks: 'calls' },
  { way: 'as system calls, without casts', hooks: 'calls', withoutCasts: true },
];
const TITLE = `the ten calls, seen $way (needs ${LACKING || 'nothing more'})`;

describe.skipIf(LACKING !== '').each(WAYS)(TITLE, ({ hooks, withoutCasts = false }) => {
  const record = (...[targets, options, during]: Parameters<typeof recordEvents>) =>
    recordEvents(
      targets,
      { ...(hooks && { hooks }), withoutCasts, tls: withoutCasts, go: withoutCasts, ...options },
      during,
    );
  const folder = scratchFolder();
  let traffic = '';
  beforeAll(() => {
    traffic = compile('traffic', folder.path);
  });
  afterAll(() => folder.remove());

  it.each([
    ['v4', '127.0.0.1'],
    ['v6', '::1'],
    ['mapped', '127.0.0.1'],
  ])('agree on bytes, order and sequence at both ends: TCP over %s', async (mode, address) => {
    const { events } = await record({ command: [traffic, mode] });
    const [egress, ingress] = [data(events, Direction.egress), data(events, Direction.ingress)];
    expect(egress.map(({ abi }) => abi)).toEqual([write, writev, sendto, sendmsg, sendmmsg, sendmmsg]);
    expect(ingress.map(({ abi }) => abi)).toEqual([read, readv, recvfrom, recvmsg, recvmmsg, recvmmsg]);
    expect(egress.map((event) => sent(event).text)).toEqual([
      'write',
      'writev',
      'sendto',
      'sendmsg!!',
      'first',
      'second',
    ]);
    expect(ingress.map(sent)).toEqual(egress.map(sent));
    expect(egress.map(({ detail }) => detail)).toEqual([0, 0, 0, 0, 0, 1]);
    for (const event of [...egress, ...ingress]) {
      expect(event.flags).toBe(EventFlag.tcpSeq);
      expect((event.tcpSeqExit! - event.tcpSeqEnter!) >>> 0).toBe(event.result);
      expect(event.socket!.local.address).toBe(address);
      expect(event.exit).toBeGreaterThanOrEqual(event.enter);
    }
    expect(ends(egress[0]!.socket!).here).toBe(ends(ingress[0]!.socket!).there);
    expect(egress[0]!.socket!.role).toBe('client');
    expect(ingress[0]!.socket!.role).toBe('server');
    expect(egress[0]!.socket!.preexisting).toBe(false);
  });

  it('tell connect, accept and close', async () => {
    const { events } = await record({ command: [traffic, 'v4'] });
    const about = events.filter(({ kind }) =>
      [EventKind.connect, EventKind.accept, EventKind.close].includes(kind as 2),
    );
    expect(about.map(({ kind }) => kind)).toEqual([
      EventKind.connect,
      EventKind.accept,
      EventKind.close,
      EventKind.close,
    ]);
    const [connected, accepted, ...closed] = about.map(({ socket }) => socket!.id);
    expect(closed).toEqual([connected, accepted]);
    expect(connected).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each([
    ['udp', '127.0.0.1'],
    ['udp6', '::1'],
  ])('take the peer of a datagram from the call: %s', async (mode, address) => {
    const { events } = await record({ command: [traffic, mode] }, { callReturns: 'always' });
    const [ask, askSeen, answer, answerSeen, connected] = events.filter(({ kind }) => kind === EventKind.data);
    expect([ask, askSeen, answer, answerSeen].map((event) => sent(event!).text)).toEqual([
      'ask',
      'ask',
      'answer',
      'answer',
    ]);
    expect(ask!.socket).toMatchObject({ transport: 'udp', remote: { address, port: askSeen!.socket!.local.port } });
    expect(askSeen!.socket!.remote).toEqual({ address, port: ask!.socket!.local.port });
    expect(answer!.socket!.remote).toEqual(askSeen!.socket!.remote);
    expect(answerSeen!.socket!.remote).toEqual(ask!.socket!.remote);
    expect(connected!.socket!.local.address).toBe(address);
    expect(ask!.tcpSeqEnter).toBeUndefined();
  });

  it.each([0, 1, 1024, 8192])(
    'keep the head of a large payload and its true length: limit %i',
    async (payloadLimit) => {
      const { events } = await record({ command: [traffic, 'large', '100000'] }, { payloadLimit });
      const [egress, ingress] = [data(events, Direction.egress), data(events, Direction.ingress)];
      expect(egress).toHaveLength(1);
      expect(egress[0]!.result).toBe(100_000);
      const alphabet = 'abcdefghijklmnopqrstuvwxyz'.repeat(400);
      expect(Buffer.from(egress[0]!.payload).toString()).toBe(alphabet.slice(0, payloadLimit));
      expect(ingress.reduce((sum, { result }) => sum + result, 0)).toBe(100_000);
      let next = egress[0]!.tcpSeqEnter;
      for (const part of ingress) {
        expect(part.tcpSeqEnter).toBe(next);
        next = (part.tcpSeqEnter! + part.result) >>> 0;
      }
    },
  );

  it('carry whole conversations of a real server and its client, each byte at its place in the stream', async () => {
    const program = `
      const { createServer } = require('node:http');
      const server = createServer((request, response) => {
        request.resume().on('end', () => response.end('answer to ' + request.url + '.'.repeat(3000)));
      }).listen(0, '127.0.0.1', async () => {
        const url = 'http://127.0.0.1:' + server.address().port + '/';
        await Promise.all(Array.from({ length: 8 }, async (_, i) => {
          for (let n = 0; n < 5; n++) await (await fetch(url + i + '-' + n, { method: 'POST', body: 'x'.repeat(n * 700) })).text();
        }));
        process.exit();
      });`;
    const { events } = await record(
      { command: [process.execPath, '-e', program] },
      { payloadLimit: 8192, flushMs: 100_000 },
    );
    const [written, read] = [data(events, Direction.egress), data(events, Direction.ingress)].map(streams);
    // Eight connections at least, two directions each.
    expect(written!.size).toBeGreaterThanOrEqual(16);
    expect([...written!.keys()].sort()).toEqual([...read!.keys()].sort());
    for (const [from, bytes] of written!) expect(read!.get(from)).toBe(bytes);
    // No bytes are there before they left. (One block, so times have one beginning.)
    const left = new Map(data(events, Direction.egress).map((event) => [placeOf(event, 'here'), event.enter]));
    const arrivals = data(events, Direction.ingress).filter((event) => left.has(placeOf(event, 'there')));
    expect(arrivals.length).toBeGreaterThan(16);
    for (const arrival of arrivals) {
      expect(arrival.exit).toBeGreaterThanOrEqual(left.get(placeOf(arrival, 'there'))!);
    }
  });

  it('mark what is only peeked at, and leave out calls that would block', async () => {
    const { events } = await record({ command: [traffic, 'peek'] });
    const ingress = data(events, Direction.ingress);
    expect(ingress.map(({ flags }) => flags)).toEqual([EventFlag.tcpSeq | EventFlag.peek, EventFlag.tcpSeq]);
    expect(ingress.map(sent)).toEqual([sent(ingress[0]!), sent(ingress[0]!)]);
    expect(ingress[0]!.tcpSeqExit).toBe(ingress[0]!.tcpSeqEnter);
  });

  it('tell the place of last bytes that came with the end', async () => {
    const { events } = await record({ command: [traffic, 'farewell'] });
    const [[bye, too], [seen, end, again, answer]] = [data(events, Direction.egress), data(events, Direction.ingress)];
    expect(sent(seen!)).toEqual({ text: 'bye', bytes: 3, seq: bye!.tcpSeqEnter });
    expect([end!.result, again!.result]).toEqual([0, 0]);
    expect(sent(answer!)).toEqual({ text: 'too', bytes: 3, seq: too!.tcpSeqEnter });
  });

  it.each([
    ['bound to a path', 'unix', 'named.sock'],
    ['with an abstract name', 'unix', '@causeway-test'],
    ['a pair without name', 'pair', ''],
  ])('number the bytes of a unix socket alike at both ends: %s', async (_title, mode, name) => {
    const path = name.startsWith('@') ? `${name}-${process.pid}` : name && join(folder.path, name);
    const { events } = await record({ command: [traffic, mode, path] });
    const [egress, ingress] = [data(events, Direction.egress), data(events, Direction.ingress)];
    const early = mode === 'unix' ? ['early'] : [];
    const texts = [...early, 'write', 'writev', 'sendto', 'sendmsg!!', 'first', 'second'];
    expect(egress.map((event) => sent(event).text)).toEqual(texts);
    expect(ingress.map(sent)).toEqual(egress.map(sent));
    const [client, server] = [egress.at(-1)!.socket!, ingress.at(-1)!.socket!];
    expect(client).toMatchObject({ transport: 'unix', peerInode: server.inode, remote: { address: path, port: 0 } });
    expect(server).toMatchObject({ transport: 'unix', peerInode: client.inode, local: { address: path, port: 0 } });
    if (mode === 'unix') expect([client.role, server.role]).toEqual(['client', 'server']);
  });

  it('tell the close of unix sockets that come and go', async () => {
    const program = `
      const net = require('node:net');
      const path = ${JSON.stringify(join(folder.path, 'many.sock'))};
      const server = net.createServer((far) => far.pipe(far)).listen(path, async () => {
        for (let i = 0; i < 200; i++) {
          const near = net.connect(path);
          near.write('hello');
          await new Promise((done) => near.on('data', () => near.end()).on('close', done));
        }
        server.close();
      });`;
    const { events } = await record({ command: [process.execPath, '-e', program] });
    const told = (kind: EventKind) => events.filter((event) => event.kind === kind).map(({ socket }) => socket!.id);
    const opened = [...told(EventKind.connect), ...told(EventKind.accept)];
    const closed = told(EventKind.close).filter((id) => opened.includes(id));
    expect(opened).toHaveLength(400);
    expect(new Set(closed).size).toBe(closed.length);
    // All but those whose memory was not used again.
    expect(closed.length).toBeGreaterThan(200);
  });

  it('leave unix sockets out when they are not wanted', async () => {
    const { events } = await record({ command: [traffic, 'pair'] }, { unixSockets: false });
    expect(events.filter(({ socket }) => socket !== undefined)).toEqual([]);
  });

  it('tell the bytes of sendfile and their place, without payload', async () => {
    const path = join(folder.path, 'file');
    writeFileSync(path, 'from a file');
    const { events } = await record({ command: [traffic, 'sendfile', path] });
    const [head, file] = data(events, Direction.egress);
    expect(file).toMatchObject({ abi: SyscallAbi.sendfile, result: 11, tcpSeqEnter: (head!.tcpSeqEnter! + 4) >>> 0 });
    expect(file!.payload).toHaveLength(0);
    expect(sent(data(events, Direction.ingress)[1]!)).toEqual({
      text: 'from a file',
      bytes: 11,
      seq: file!.tcpSeqEnter,
    });
  });

  it('count what splice moves unseen', async () => {
    const { events, losses } = await record({ command: [traffic, 'splice'] });
    expect(data(events, Direction.egress)).toEqual([]);
    expect(losses.reduce((total, { splicedBytes = 0 }) => total + splicedBytes, 0)).toBe(7);
  });
});
