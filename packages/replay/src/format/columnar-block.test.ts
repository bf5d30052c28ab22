import { type EventBlock, EventKind, type HostId, NONE } from '@causeway/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventBlockFromRows, requestRows } from '../testing/index';
import { ColumnarBlock } from './columnar-block';
import { KnownSockets } from './known-sockets';
import { BadPayload, decodePayload } from './payload-decoding';
import { encodePayload } from './payload-encoding';
import { parseEvents } from './payload-parsing';
import type { RawEventBlock } from './payloads';
import { readEvent } from './read-event';

const HOST = 'host' as HostId;
const rows = requestRows(3, 5_000n);
const raw = eventBlockFromRows(rows);

const u32 = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);
const f64 = (...values: number[]) => new Uint8Array(Float64Array.from(values).buffer);
const withColumns = (columns: Record<string, Uint8Array>): RawEventBlock => ({
  ...raw,
  columns: { ...raw.columns, ...columns },
});

/** Touches everything that a consumer may touch. */
function readAll(block: EventBlock): void {
  for (let i = 0; i < block.count; i++) {
    const event = readEvent(block, i);
    expect(event.thread).toBeDefined();
    expect(event.payload.length).toBeLessThanOrEqual(Math.max(0, event.result));
    if (block.socket[i] !== NONE) expect(event.socket).toBeDefined();
  }
}

describe('ColumnarBlock', () => {
  it('gives each row back as it was written', () => {
    const block = new ColumnarBlock(parseEvents(decodePayload(encodePayload(raw))), HOST, 100);
    block.timeShift = Number(raw.base);
    rows.forEach((row, i) => {
      const { kind, abi, thread, socket, fd, tcpSeqEnter, tcpSeqExit, rtt } = row;
      expect(readEvent(block, i)).toMatchObject({
        ordinal: 100 + i,
        kind,
        abi,
        thread,
        socket,
        fd,
        tcpSeqEnter,
        tcpSeqExit,
        rtt,
      });
      expect(readEvent(block, i).enter).toBe(Number(row.enter));
      expect(Buffer.from(block.payload(i)).toString()).toBe(row.payload);
    });
  });

  it('decodes at any alignment', () => {
    const payload = encodePayload(raw);
    for (let skip = 0; skip < 8; skip++) {
      const moved = new Uint8Array(payload.length + 8);
      moved.set(payload, skip);
      const block = new ColumnarBlock(parseEvents(decodePayload(moved.subarray(skip, skip + payload.length))), HOST, 0);
      expect([...block.exit]).toEqual([1000, 21_000, 91_000, 121_000]);
      expect([...block.tcpSeqEnter]).toEqual([1000, 5000, 7000, 3000]);
    }
  });

  it('decodes a column once', () => {
    const block = new ColumnarBlock(raw, HOST, 0);
    expect(block.rtt).toBe(block.rtt);
  });

  it('reads a missing column as zeros, a missing socket column as none', () => {
    const { socket: _, rtt: __, payloadLength: ___, ...columns } = raw.columns;
    const block = new ColumnarBlock({ ...raw, columns }, HOST, 0);
    expect([...block.rtt]).toEqual([0, 0, 0, 0]);
    expect([...block.socket]).toEqual([NONE, NONE, NONE, NONE]);
    expect(block.payload(2)).toHaveLength(0);
    readAll(block);
  });

  it('shares a socket with the blocks before that describe it in the same way', () => {
    const known = new KnownSockets();
    const before = new ColumnarBlock(raw, HOST, 0, known);
    expect(new ColumnarBlock(raw, HOST, 4, known).sockets[0]).toBe(before.sockets[0]);
  });

  it.each(Object.keys(raw.sockets).filter((name) => !['family', 'transport', 'path'].includes(name)))(
    'tells a socket from one before that has another %s',
    (name) => {
      const column = raw.sockets[name]!.slice();
      column[0] = column[0] === 1 ? 2 : 1;
      const changed = { ...raw, sockets: { ...raw.sockets, [name]: column } };
      const known = new KnownSockets();
      expect(new ColumnarBlock(raw, HOST, 0, known).sockets).toHaveLength(2);
      expect(new ColumnarBlock(changed, HOST, 4, known).sockets).toEqual(new ColumnarBlock(changed, HOST, 4).sockets);
    },
  );

  it('leaves out columns that it does not know', () => {
    readAll(new ColumnarBlock(withColumns({ colour: new Uint8Array(3) }), HOST, 0));
  });

  it.each<[string, RawEventBlock]>([
    ['a thread that is not there', withColumns({ thread: u32(0, 0, 1, 0) })],
    ['no thread', withColumns({ thread: u32(0, 0, NONE, 0) })],
    ['a socket that is not there', withColumns({ socket: u32(0, 2, 0, 0) })],
    ['a column that is too short', withColumns({ exit: f64(1, 2, 3) })],
    ['a column that is too long', withColumns({ kind: new Uint8Array(5) })],
    ['a time that is not a number', withColumns({ enter: f64(0, Number.NaN, 0, 0) })],
    ['a result that is not a number', withColumns({ result: f64(0, 0, Number.NaN, 0) })],
    ['an infinite time', withColumns({ exit: f64(0, Number.POSITIVE_INFINITY, 0, 0) })],
    ['more payload than there is', withColumns({ payloadLength: u32(NONE, NONE, NONE, NONE) })],
    ['a negative count', { ...raw, count: -1 }],
    ['too many rows', { ...raw, count: 16_385, columns: {} }],
    ['a socket table of uneven columns', { ...raw, sockets: { ...raw.sockets, inode: new Uint8Array(1) } }],
    ['a socket of no family', { ...raw, sockets: { ...raw.sockets, family: new Uint8Array(2) } }],
    ['a thread table of uneven columns', { ...raw, threads: { ...raw.threads, tid: new Uint8Array(1) } }],
    ['a thread named by a string that is not there', { ...raw, strings: [] }],
    [
      'an exec of a string that is not there',
      withColumns({ kind: new Uint8Array(4).fill(EventKind.exec), detail: u32(0, 9, 0, 0) }),
    ],
  ])('refuses %s', (_, block) => {
    expect(() => new ColumnarBlock(block, HOST, 0)).toThrow(BadPayload);
  });

  it('is refused or safe, whatever a column holds', () => {
    const names = Object.keys(raw.columns);
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.uint8Array({ minLength: 32, maxLength: 32 }), (name, bytes) => {
        const column = bytes.subarray(0, raw.columns[name]!.length);
        try {
          readAll(new ColumnarBlock(withColumns({ [name]: column }), HOST, 0));
        } catch (error) {
          expect(error).toBeInstanceOf(BadPayload);
        }
      }),
      { numRuns: 500 },
    );
  });
});
