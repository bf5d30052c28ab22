import { type CaptureEvent, EventFlag, EventKind, type HostId } from '@causeway/core';
import { CaptureReader, CaptureWriter, type RawEventBlock, readEvent } from '@causeway/replay';
import { nodeCodec } from '@causeway/replay/node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NEEDS_ADDON, type RecordFields, rawRecords, spacesOf } from '../../test/support/raw-record';
import { loadAddon, type SecretHints } from '../native/native-addon';
import { DEFAULT_NAMES } from '../redact/name-set';
import { Redactor } from '../redact/redactor';
import { BlockBuilder } from './block-builder';
import { PayloadPolicy } from './payload-policy';
import { SocketRegistry } from './socket-registry';

const TCP = { family: 4, transport: 6, localAddress: [127, 0, 0, 1], remoteAddress: [10, 0, 0, 2] };
const SOCKET = { ...TCP, socket: 0xffff_8880_1234_5600n, inode: 77, localPort: 5000, remotePort: 80 };

/** The events as a reader of the capture sees them. */
function readBack(blocks: readonly RawEventBlock[]): CaptureEvent[] {
  const parts: Uint8Array[] = [];
  const writer = new CaptureWriter((bytes) => parts.push(bytes), { codec: nodeCodec });
  writer.writeHeader({
    ...{ producer: 'test', producerVersion: '0', captureId: 'c', hostId: 'h' as HostId, hostName: 'h', bootId: 'b' },
    ...{ kernel: 'k', architecture: 'a', monotonic: 0n, realtime: 0n, filters: {}, payloadLimit: 1, redactions: [] },
  });
  for (const block of blocks) writer.writeEvents(block);
  writer.end();
  const reader = new CaptureReader(nodeCodec);
  return [...reader.push(Buffer.concat(parts)), ...reader.end()].flatMap((item) => {
    if (item.kind === 'damage') throw new Error(JSON.stringify(item.problem));
    return item.kind === 'events'
      ? Array.from({ length: item.block.count }, (_, row) => readEvent(item.block, row))
      : [];
  });
}

function build(batches: readonly (readonly RecordFields[])[], policy?: PayloadPolicy) {
  const builder = new BlockBuilder(new SocketRegistry('boot'), policy);
  const blocks = batches
    .flatMap((batch) => spacesOf(rawRecords(batch), policy?.redactor?.hints))
    .flatMap((space) => builder.build(space) ?? []);
  return { blocks, events: readBack(blocks), builder };
}

describe.skipIf(NEEDS_ADDON !== '')(`a block built from kernel records${NEEDS_ADDON}`, () => {
  it('holds times exactly, far from boot and in any order', () => {
    const base = 40_000_000_000_000_001n;
    const { blocks } = build([
      [
        { kind: EventKind.data, enter: base, exit: base + 5_000_000_001n },
        { kind: EventKind.data, enter: base - 3n, exit: base - 1n },
      ],
    ]);
    expect(blocks[0]).toMatchObject({ base, firstTime: base - 1n, lastTime: base + 5_000_000_001n });
  });

  it('keeps negative results, threads and the path of a program', () => {
    const { events } = build([
      [
        { kind: EventKind.exec, enter: 1n, pid: 9, comm: 'nginx', payload: Buffer.from('/usr/sbin/nginx') },
        { kind: EventKind.data, enter: 2n, pid: 9, tid: 11, comm: 'nginx', result: -104n, ...SOCKET },
        { kind: EventKind.fork, enter: 3n, pid: 9, comm: 'renamed', detail: 12 },
      ],
    ]);
    expect(events.map(({ result }) => result)).toEqual([0, -104, 0]);
    expect(events.map(({ thread }) => thread)).toEqual([
      { pid: 9, tid: 9, comm: 'nginx' },
      { pid: 9, tid: 11, comm: 'nginx' },
      { pid: 9, tid: 9, comm: 'renamed' },
    ]);
    expect(events.map(({ socket }) => socket === undefined)).toEqual([true, false, true]);
  });

  it('learns a role from connect and accept, and takes a socket first seen in use for older', () => {
    const { events } = build([
      [
        { kind: EventKind.accept, enter: 1n, ...SOCKET },
        { kind: EventKind.data, enter: 2n, ...SOCKET },
        { kind: EventKind.data, enter: 3n, ...SOCKET, socket: 0xffff_8880_0000_0100n, inode: 5 },
      ],
    ]);
    expect(events.map(({ socket }) => [socket!.role, socket!.preexisting])).toEqual([
      ['server', false],
      ['server', false],
      ['unknown', true],
    ]);
  });

  it('gives a socket one id in every block, and another socket at the same address another', () => {
    const row: RecordFields = { kind: EventKind.data, enter: 1n, ...SOCKET };
    const { events } = build([[row], [row], [{ ...row, inode: 78 }]]);
    const [first, again, other] = events.map(({ socket }) => socket!.id);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(first).not.toContain('12345600');
  });

  it('keeps the peers of a datagram socket apart under one id', () => {
    const udp = { ...SOCKET, kind: EventKind.data, enter: 1n, transport: 17 };
    const { events } = build([[udp, { ...udp, remotePort: 81 }, udp]]);
    expect(events.map(({ socket }) => socket!.remote.port)).toEqual([80, 81, 80]);
    expect(new Set(events.map(({ socket }) => socket!.id)).size).toBe(1);
  });

  it('tells a connection that is over, and has no port any more, by the addresses it had', () => {
    const row: RecordFields = { kind: EventKind.data, enter: 1n, ...SOCKET };
    const { events } = build([[row, { ...row, kind: EventKind.tcpState, localPort: 0, remotePort: 0 }]]);
    expect(events.map(({ socket }) => [socket!.local.port, socket!.remote.port])).toEqual([
      [5000, 80],
      [5000, 80],
    ]);
  });

  it('counts calls whose payload was cut', () => {
    const whole = { kind: EventKind.data, enter: 1n, ...SOCKET, result: 2n, payload: Buffer.from('ab') };
    expect(build([[whole, { ...whole, result: 3n }, { ...whole, result: -1n }]]).builder.truncatedPayloads).toBe(1);
  });

  it('reads back as the records that went in, whatever the batches', () => {
    const record = fc.record({
      kind: fc.constant(EventKind.data),
      enter: fc.bigInt(1n << 60n, (1n << 60n) + (1n << 50n)),
      more: fc.bigInt(0n, 1n << 40n),
      pid: fc.integer({ min: 1, max: 4_194_303 }),
      comm: fc.constantFrom('node', 'redis-server', 'longest-name-15'),
      localPort: fc.integer({ min: 1, max: 65_535 }),
      payload: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(fc.array(record, { maxLength: 8 }), { maxLength: 6 }), (batches) => {
        const whole = batches.map((batch) =>
          batch.map((each) => ({ ...SOCKET, ...each, result: BigInt(each.payload.length) + each.more })),
        );
        const wanted = whole.flat();
        const { events } = build(whole);
        expect(
          events.map((e) => [e.result, e.thread.pid, e.thread.comm, e.socket!.local.port, [...e.payload]]),
        ).toEqual(wanted.map((w) => [Number(w.result), w.pid, w.comm, w.localPort, [...w.payload]]));
      }),
      { numRuns: 60 },
    );
  });

  it('is one of several when they are too many for one: events, bytes, sockets', () => {
    const row = { kind: EventKind.data, enter: 1n, ...SOCKET };
    const large = { ...row, result: 8192n, payload: new Uint8Array(8192) };
    const sizes = (rows: readonly RecordFields[]) => build([rows]).blocks.map(({ count }) => count);
    const many = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));
    const { rows, tableRows } = loadAddon().blockLayout;
    expect(sizes(many(rows + 1, () => row))).toEqual([rows, 1]);
    expect(sizes(many(tableRows + 1, (i) => ({ ...row, inode: i + 1 })))).toEqual([tableRows, 1]);
    expect(sizes(many(tableRows + 1, (i) => ({ ...row, tid: i + 1 })))).toEqual([tableRows, 1]);
    const lengths = build([many(1000, () => large)]).blocks.map(({ payload }) => payload.length);
    expect(lengths.length).toBeGreaterThan(1);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(1000 * 8192);
    const paths = many(1000, (i) => `/${'x'.repeat(100)}${i}`);
    const executed = paths.map((path) => ({ kind: EventKind.exec, enter: 1n, payload: Buffer.from(path) }));
    expect(build([executed]).blocks.flatMap(({ strings }) => strings.filter((text) => text !== 'program'))).toEqual(
      paths,
    );
  });

  it('refers to as many sockets and threads as there are, in whatever order their events come', () => {
    const numbers = fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { maxLength: 200 });
    fc.assert(
      fc.property(numbers, (pairs) => {
        const rows = pairs.map(([inode, tid]) => ({
          kind: EventKind.data,
          enter: 1n,
          ...SOCKET,
          inode,
          pid: 1,
          tid: tid + 1,
        }));
        const { events, blocks } = build([rows]);
        const ids = new Map(events.map(({ socket }, i) => [rows[i]!.inode, socket!.id]));
        expect(events.map(({ socket }) => socket!.id)).toEqual(rows.map(({ inode }) => ids.get(inode)));
        expect(new Set(ids.values()).size).toBe(ids.size);
        expect(events.map(({ thread }) => thread.tid)).toEqual(rows.map(({ tid }) => tid));
        const tables = blocks.map(({ sockets, threads }) => [sockets.family!.length, threads.pid!.length / 4]);
        const tids = new Set(rows.map(({ tid }) => tid));
        expect(tables).toEqual(rows.length === 0 ? [] : [[ids.size, tids.size]]);
      }),
    );
  });

  it('is masked the same whether the addon has looked for names or not', () => {
    const names = [...DEFAULT_NAMES, 'x'];
    const piece = fc.constantFrom(
      ...names,
      ':',
      '=',
      '"',
      ' ',
      '\r\n',
      'some value',
      '*2\r\n$4\r\nAUTH\r\n$3\r\n',
      'p\0\0\0\x09',
    );
    const call = fc.record({
      text: fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
      more: fc.constantFrom(0, 0, 5),
      lost: fc.constantFrom(0, 0, 7),
      peek: fc.boolean(),
      direction: fc.constantFrom(1, 2),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 12 }), fc.boolean(), (calls, literals) => {
        const next = [0, 100, 5000];
        const rows = calls.map(({ text, more, lost, peek, direction }, i) => {
          const tcpSeq = next[direction]! + lost;
          const result = BigInt(text.length + more);
          next[direction] = tcpSeq + (peek ? 0 : Number(result));
          const place = { kind: EventKind.data, enter: BigInt(i), direction, tcpSeq, flags: peek ? EventFlag.peek : 0 };
          return { ...SOCKET, ...place, result, payload: Buffer.from(text, 'latin1') };
        });
        const payload = (hints?: SecretHints) => {
          const redactor = new Redactor({ names, literals });
          const builder = new BlockBuilder(new SocketRegistry('boot'), new PayloadPolicy({}, redactor));
          return spacesOf(rawRecords(rows), hints ?? redactor.hints).map((space) =>
            Buffer.from(builder.build(space)!.payload).toString('latin1'),
          );
        };
        expect(payload()).toEqual(payload({ secretNames: [], secretFirstBytes: [] }));
      }),
      { numRuns: 500 },
    );
  });
});
