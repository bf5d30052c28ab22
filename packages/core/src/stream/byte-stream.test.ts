import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventMark } from '../event/event-mark';
import { latin1 } from '../event/test-scene';
import { ByteStream, CALL_PATIENCE, PACKET_PATIENCE } from './byte-stream';
import { MAX_HELD_BYTES, MAX_HELD_PACKETS, MAX_HELD_SEGMENTS, REORDER_WAIT_NS } from './limits';
import { TcpCounters } from './tcp-metrics';

const mark = (time = 0) => ({ ordinal: 0, time }) as unknown as EventMark;

/** What comes out: text, `_` for a byte of a hole, `?` for a lost one, `^` for bytes left out, `|` for another connection. */
function stream(patience = CALL_PATIENCE, counters?: TcpCounters) {
  let out = '';
  let limited = 0;
  const positions: number[] = [];
  const bytes = new ByteStream(
    {
      receive: (data, hole, offset) => {
        positions.push(offset);
        out += String.fromCharCode(...data) + '_'.repeat(hole);
      },
      lost: (length) => {
        out += '?'.repeat(length);
      },
      leftOut: () => {
        out += '^';
      },
      restart: () => {
        out += '|';
      },
      limited: () => {
        limited += 1;
      },
    },
    patience,
    counters,
  );
  return { bytes, positions, text: () => out, limited: () => limited };
}

describe('byte stream', () => {
  it.each<[string, number, readonly (readonly [number, string, number?])[], string]>([
    [
      'in order',
      5,
      [
        [5, 'ab'],
        [7, 'cd'],
      ],
      'abcd',
    ],
    [
      'with payload that was cut',
      5,
      [
        [5, 'ab', 6],
        [11, 'cd'],
      ],
      'ab____cd',
    ],
    [
      'early events wait for those before them',
      5,
      [
        [5, 'ab'],
        [9, 'ef'],
        [11, 'g'],
        [7, 'cd'],
      ],
      'abcdefg',
    ],
    [
      'seen twice',
      5,
      [
        [5, 'abcd'],
        [5, 'abcd'],
        [9, 'e'],
      ],
      'abcde',
    ],
    [
      'overlapping',
      5,
      [
        [5, 'abcd'],
        [7, 'cdef'],
      ],
      'abcdef',
    ],
    [
      'overlapping what was cut',
      5,
      [
        [5, 'ab', 8],
        [9, 'XXXX', 8],
      ],
      'ab__________',
    ],
    [
      'across the wrap of sequence numbers',
      0xfffffffe,
      [
        [0xfffffffe, 'abcd'],
        [2, 'ef'],
      ],
      'abcdef',
    ],
    [
      'far behind: another connection',
      5,
      [
        [500_000_000, 'ab'],
        [7, 'cd'],
      ],
      'ab|cd',
    ],
  ])('%s', (_name, _first, events, expected) => {
    const { bytes, text } = stream();
    for (const [sequence, data, length = data.length] of events) bytes.accept(sequence, length, latin1(data), mark());
    expect(text()).toBe(expected);
  });

  it('passes over what was left out on purpose, and waits for nothing there', () => {
    const { bytes, text } = stream();
    bytes.skipTo(3);
    bytes.accept(5, 2, latin1('ab'), mark());
    bytes.skipTo(7);
    bytes.accept(7, 2, latin1('cd'), mark());
    bytes.skipTo(20);
    bytes.accept(20, 1, latin1('e'), mark());
    bytes.accept(25, 1, latin1('g'), mark());
    bytes.skipTo(25);
    bytes.accept(26, 1, latin1('h'), mark());
    // Nobody said that the bytes before g were left out.
    expect(text()).toBe('abcd^e????gh');
  });

  it('gives up on what is missing after a while', () => {
    const { bytes, text } = stream();
    bytes.accept(1, 1, latin1('a'), mark(0));
    bytes.accept(4, 1, latin1('d'), mark(10));
    bytes.expire(10 + REORDER_WAIT_NS);
    expect(text()).toBe('a');
    expect(bytes.waiting).toBe(true);
    bytes.expire(11 + REORDER_WAIT_NS);
    expect(text()).toBe('a??d');
    expect(bytes.waiting).toBe(false);
    bytes.accept(2, 1, latin1('b'), mark(99));
    expect(text()).toBe('a??d');
  });

  it('holds a bounded number of events', () => {
    const { bytes, text } = stream();
    bytes.accept(0, 1, latin1('a'), mark());
    for (let i = 0; i <= MAX_HELD_SEGMENTS; i += 1) bytes.accept(2 + i, 1, latin1('x'), mark());
    expect(text()).toBe(`a?${'x'.repeat(MAX_HELD_SEGMENTS + 1)}`);
  });

  it('holds a bounded number of bytes, and tells when that was not enough', () => {
    const { bytes, text, limited } = stream(PACKET_PATIENCE);
    bytes.accept(0, 1, latin1('a'), mark());
    const piece = new Uint8Array(16 * 1024).fill(0x62);
    const pieces = MAX_HELD_BYTES / piece.length;
    for (let i = 0; i < pieces; i += 1) bytes.accept(2 + i * piece.length, piece.length, piece, mark());
    expect([text(), limited()]).toEqual(['a', 0]);
    bytes.accept(2 + MAX_HELD_BYTES, 1, latin1('c'), mark());
    expect(limited()).toBe(1);
    expect(text().slice(0, 3)).toBe('a?b');
    expect(text()).toHaveLength(3 + MAX_HELD_BYTES);
  });

  it('gives each byte of packets once and in order, whatever the network did to them', () => {
    const whole = Array.from({ length: 60 }, (_, i) => String.fromCharCode(65 + i)).join('');
    const segment = fc.tuple(fc.nat(59), fc.integer({ min: 1, max: 20 }), fc.nat(20));
    const bases = fc.constantFrom(0, 1000, 0xffff_ffff, 0xffff_ffe0);
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 40 }), bases, fc.nat(3), (segments, base, patience) => {
        const counters = new TcpCounters();
        const { bytes, text } = stream({ ...PACKET_PATIENCE, segments: patience * 20 || MAX_HELD_PACKETS }, counters);
        bytes.startAt(base);
        const covered = new Set<number>();
        for (const [from, length, captured] of segments) {
          const data = latin1(whole.slice(from, from + length));
          for (let i = 0; i < data.length; i += 1) covered.add(from + i);
          bytes.accept((base + from) >>> 0, data.length, data.subarray(0, Math.max(captured, 1)), mark());
        }
        bytes.flush();
        // Each position is its own byte, or a hole, or lost; what no segment covered is surely lost.
        const out = text();
        expect(out.length).toBeLessThanOrEqual(whole.length);
        for (const [i, letter] of [...out].entries()) {
          expect([whole[i], '_', '?']).toContain(letter);
          if (!covered.has(i)) expect(letter).toBe('?');
        }
        expect(bytes.waiting).toBe(false);
        expect(counters.outOfOrder + counters.retransmits).toBeLessThanOrEqual(segments.length);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('gives back sequence numbers', () => {
    const { bytes, positions } = stream();
    bytes.accept(0xfffffff0, 32, new Uint8Array(32), mark());
    bytes.accept(16, 1, new Uint8Array(1), mark());
    expect(positions.map((offset) => bytes.sequenceAt(offset))).toEqual([0xfffffff0, 16]);
  });

  it('puts slightly shuffled events in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 3 })), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.nat(0xffffffff),
        (sizes, base) => {
          let at = 0;
          const events = sizes.map(([size, delay], i) => {
            const event = {
              at,
              data: latin1(String.fromCharCode(97 + (i % 26)).repeat(size)),
              order: i + (i === 0 ? 0 : delay),
            };
            at += size;
            return event;
          });
          const { bytes, text } = stream();
          const shuffled = [...events].sort((a, b) => a.order - b.order || a.at - b.at);
          shuffled.splice(shuffled.indexOf(events[0]!), 1);
          for (const { at: place, data } of [events[0]!, ...shuffled])
            bytes.accept((base + place) >>> 0, data.length, data, mark());
          expect(text()).toBe(events.map(({ data }) => String.fromCharCode(...data)).join(''));
        },
      ),
      { seed: 1 },
    );
  });
});
