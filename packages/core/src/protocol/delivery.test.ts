import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Direction, EventFlag } from '../event/event-block';
import { latin1, Scene, socket, thread } from '../event/test-scene';
import type { Message } from '../message/message';
import type { Turn } from './test-conversation';
import { converse, essence } from './test-conversation';
import { CONVERSATIONS } from './test-conversations';

const ALL = Object.entries(CONVERSATIONS);
const on = socket('s');
const older = socket('s', { preexisting: true, role: 'unknown' });
const server = thread(7);
const wire = thread(0);

const bytesOf = ([, data]: Turn): Uint8Array => (typeof data === 'string' ? latin1(data) : data);
const directionOf = ([side]: Turn): Direction => (side === '>' ? Direction.ingress : Direction.egress);
/** Where the stream of a scene begins, in each direction. */
const firstOf = (direction: Direction): number => 1000 * direction;
/** All of a message but where it stands in its stream, and which call carried it. */
const told = (message: Message): object => ({ ...essence(message), tcpSeq: undefined, systraceId: undefined });

describe.each(ALL)('%s', (_name, turns) => {
  const whole = converse(turns).messages;

  it.each([2 ** 32 - 1, 2 ** 32 - 20, 2 ** 31 - 20, 2 ** 32 - 150])(
    'sequence numbers that wrap, from %i on',
    (first) => {
      const scene = new Scene(first);
      for (const turn of turns) {
        if (turn[0] === '>') scene.read(on, server, bytesOf(turn));
        else scene.write(on, server, bytesOf(turn));
      }
      scene.run();
      expect(scene.messages.map(told)).toEqual(whole.map(told));
    },
  );

  it('packets in any pieces, in any order within a turn, some of them twice or overlapping', () => {
    const delivery = fc.array(
      fc.record({ size: fc.integer({ min: 1, max: 40 }), again: fc.integer({ min: 0, max: 15 }) }),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(delivery, fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), (pieces, order) => {
        const scene = new Scene();
        const next = [0, firstOf(Direction.ingress), firstOf(Direction.egress)];
        for (const [index, turn] of turns.entries()) {
          const bytes = bytesOf(turn);
          const direction = directionOf(turn);
          const start = next[direction]!;
          next[direction] = start + bytes.length;
          const packets: [from: number, to: number][] = [];
          for (let at = 0, i = index; at < bytes.length; i += 1) {
            const { size, again } = pieces[i % pieces.length]!;
            // Sent again: a piece that begins before what was sent last ends.
            packets.push([Math.max(0, at - again), Math.min(at + size, bytes.length)]);
            at += size;
          }
          // The first piece of all tells where the stream begins.
          const [first, ...rest] = packets;
          const shuffled = rest.map((packet, i) => [order[i % order.length]! + i * (order[0]! % 3), packet] as const);
          shuffled.sort(([a], [b]) => a - b);
          for (const [from, to] of [first!, ...shuffled.map(([, packet]) => packet)]) {
            const options = { flags: EventFlag.packet, sequence: start + from };
            if (turn[0] === '>') scene.read(on, wire, bytes.slice(from, to), options);
            else scene.write(on, wire, bytes.slice(from, to), options);
          }
        }
        const coverage = scene.run();
        expect(coverage.lostBytes).toBe(0);
        expect(scene.messages.map(told)).toEqual(whole.map(told));
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('another protocol when the socket is used again', () => {
    for (const [other, otherTurns] of ALL) {
      const scene = new Scene();
      for (const each of [turns, otherTurns]) {
        scene.accept(on, server);
        for (const turn of each) {
          if (turn[0] === '>') scene.read(on, server, bytesOf(turn));
          else scene.write(on, server, bytesOf(turn));
        }
      }
      scene.run();
      const expected = [...whole, ...converse(otherTurns).messages];
      expect(scene.messages.map(told), `then ${other}`).toEqual(expected.map(told));
    }
  });
});

/**
 * Protocols of which some bytes within a message look like a message: of all places to start from, so many messages at the
 * most that are none, or of another type.
 */
const AMBIGUOUS: Readonly<Record<string, readonly [most: number, why: string]>> = {
  redis: [96, 'a part of a request is a whole value, so the client that goes on so is taken for the server'],
  postgresql: [9, 'the rest of a response is a response'],
  http2: [5, "a stream's trailers, or data and what follows, where its head was not seen"],
  grpc: [3, 'likewise'],
  tls: [190, 'the second ClientHello, that a HelloRetryRequest asks for, is no message of its own'],
  mysql: [53, 'the rest of a result set is a result set'],
  memcached: [3, 'the rest of a response is a response'],
  nats: [1, 'HPUB without its H is PUB'],
  kafka: [3, 'a response, whose number was not asked for, that reads as a Produce'],
  fastcgi: [6, 'the second record of an answer begins as the first does'],
  openwire: [2, 'a command number within a command'],
  zmtp: [726, 'frames are a length and flags; who asks is known from the handshake alone'],
};

describe('started in the middle, at any byte', () => {
  it.each(ALL)('%s: finds its feet, and makes nothing up', (name, turns) => {
    const whole = converse(turns).messages;
    const key = ({ direction, tcpSeq }: Message) => `${direction} ${tcpSeq}`;
    const types = new Map(whole.map((message) => [key(message), message.type]));
    let wrong = 0;
    let right = 0;
    for (const [first, turn] of turns.entries()) {
      for (let cut = 0; cut < bytesOf(turn).length; cut += 1) {
        const scene = new Scene();
        for (const [index, each] of turns.entries()) {
          const bytes = bytesOf(each);
          const lost = index < first ? bytes.length : index === first ? cut : 0;
          if (lost > 0) scene.drop(older, directionOf(each), bytes.slice(0, lost));
          if (lost === bytes.length) continue;
          if (each[0] === '>') scene.read(older, server, bytes.slice(lost));
          else scene.write(older, server, bytes.slice(lost));
        }
        scene.run();
        for (const message of scene.messages) {
          if (types.get(key(message)) === message.type) right += 1;
          else wrong += 1;
        }
      }
    }
    expect(wrong).toBeLessThanOrEqual(AMBIGUOUS[name]?.[0] ?? 0);
    expect(right).toBeGreaterThan(wrong);
  });
});

/** Bytes of a message's head that must be there for the next message to be found: the parser needs no more of it. */
const HEAD: Readonly<Record<string, number>> = { http: 100, http2: 120, grpc: 140, fastcgi: 168, sofarpc: 192 };
const ENOUGH_HEAD = 96;

describe('each message in a call of its own, of which only the head was captured', () => {
  it.each(ALL)('%s: every message is found, with its whole length', (name, turns) => {
    const whole = converse(turns).messages;
    const starts = new Set(whole.map(({ direction, tcpSeq }) => `${direction} ${tcpSeq}`));
    const outline = (messages: readonly Message[]) =>
      messages.map(({ type, direction, tcpSeq, length }) => ({ type, direction, tcpSeq, length }));
    for (let limit = HEAD[name] ?? ENOUGH_HEAD; limit < 256; limit += 1) {
      const scene = new Scene();
      for (const turn of turns) {
        const bytes = bytesOf(turn);
        const direction = directionOf(turn);
        const start = next(scene, direction);
        for (let from = 0, to = 1; to <= bytes.length; to += 1) {
          if (to < bytes.length && !starts.has(`${direction} ${start + to}`)) continue;
          if (turn[0] === '>') scene.read(on, server, bytes.slice(from, to), { limit });
          else scene.write(on, server, bytes.slice(from, to), { limit });
          from = to;
        }
      }
      scene.run();
      expect(inOrder(outline(scene.messages)), `cut at ${limit}`).toEqual(inOrder(outline(whole)));
    }
  });
});

/** The sequence number that comes next in a direction of the scene. */
function next(scene: Scene, direction: Direction): number {
  const last = scene.events.findLast((event) => event.direction === direction);
  return last?.tcpSeqExit ?? firstOf(direction);
}

/** A message whose end was cut is told of later than one that is whole. */
function inOrder<T extends { direction: Direction; tcpSeq: number | undefined }>(messages: T[]): T[] {
  return messages.sort((a, b) => a.direction - b.direction || a.tcpSeq! - b.tcpSeq!);
}
