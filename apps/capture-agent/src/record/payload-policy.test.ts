import { Direction } from '@causeway/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallBytes, type PayloadLimits, PayloadPolicy, type StreamMemory } from './payload-policy';

const { ingress, egress } = Direction;
const PORTS = { localPort: 40_000, remotePort: 6379 };

const callOf = (text: string, direction: number, details: Partial<CallBytes> = {}): CallBytes => {
  const bytes = Buffer.from(text, 'latin1');
  return { bytes, from: 0, length: bytes.length, moved: bytes.length, direction, transport: 'tcp', ...details };
};

/** Bytes kept of each call, one after the other on one connection. */
function keptOf(limits: PayloadLimits, calls: readonly (readonly [number, number])[]): number[] {
  const policy = new PayloadPolicy(limits);
  const memory: StreamMemory = {};
  return calls.map(([direction, length]) => policy.kept(length, PORTS, direction, memory));
}

describe('payload that is kept', () => {
  it.each<[string, PayloadLimits, (readonly [number, number])[], number[]]>([
    [
      'all of it',
      {},
      [
        [egress, 100],
        [ingress, 5000],
      ],
      [100, 5000],
    ],
    [
      'by port',
      { byPort: new Map([[6379, 10]]) },
      [
        [egress, 100],
        [egress, 5],
      ],
      [10, 5],
    ],
    ['not by another port', { byPort: new Map([[80, 10]]) }, [[egress, 100]], [100]],
    [
      'by turn',
      { perTurn: 150 },
      [
        [egress, 100],
        [egress, 100],
        [egress, 100],
      ],
      [100, 50, 0],
    ],
    [
      'anew when it turns',
      { perTurn: 150 },
      [
        [egress, 200],
        [ingress, 100],
        [ingress, 100],
        [egress, 7],
      ],
      [150, 100, 50, 7],
    ],
    [
      'by port and turn',
      { byPort: new Map([[6379, 10]]), perTurn: 15 },
      [
        [egress, 100],
        [egress, 100],
      ],
      [10, 5],
    ],
  ])('%s', (_name, limits, calls, expected) => {
    expect(keptOf(limits, calls)).toEqual(expected);
  });

  it('is never more than the call had, nor than the turn allows', () => {
    const calls = fc.array(fc.tuple(fc.constantFrom<number>(ingress, egress), fc.nat(3000)), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(fc.nat(5000), calls, (perTurn, list) => {
        const kept = keptOf({ perTurn }, list);
        let [left, before] = [perTurn, 0];
        for (const [i, [direction, length]] of list.entries()) {
          if (direction !== before) [left, before] = [perTurn, direction];
          expect(kept[i]).toBe(Math.min(length, left));
          left -= kept[i]!;
        }
      }),
    );
  });
});

describe('protocols', () => {
  const GET = 'GET /products/1 HTTP/1.1\r\nHost: shop\r\n\r\n';
  const learn = (policy: PayloadPolicy, calls: readonly CallBytes[]) => {
    const memory: StreamMemory = {};
    for (const call of calls) policy.learn(memory, call);
    return memory;
  };
  const onlyHttp = new PayloadPolicy({}, undefined, ['http']);

  it.each<[string, CallBytes[], string | undefined, boolean]>([
    ['a request', [callOf(GET, egress)], 'http', false],
    ['a request that is cut', [callOf(GET.slice(0, 30), egress, { moved: 2000 })], 'http', false],
    ['the first that tells', [callOf('\x00\x01', egress), callOf(GET, egress)], 'http', false],
    ['what was first, whatever follows', [callOf('*1\r\n$4\r\nPING\r\n', egress), callOf(GET, egress)], 'redis', true],
    ['nothing yet', [callOf('????', egress)], undefined, false],
    ['calls without payload', Array(20).fill(callOf('', egress)), undefined, false],
    ['what nobody knows', Array(8).fill(callOf('????', egress)), 'none', true],
  ])('are told by %s', (_name, calls, protocol, leftOut) => {
    const memory = learn(onlyHttp, calls);
    expect([memory.protocol, onlyHttp.leavesOut(memory)]).toEqual([protocol, leftOut]);
  });

  it('have limits of their own', () => {
    const policy = new PayloadPolicy({ byProtocol: new Map([['http', 10]]) });
    const memory: StreamMemory = {};
    expect(policy.kept(100, PORTS, egress, memory)).toBe(100);
    policy.learn(memory, callOf(GET, egress));
    expect(policy.kept(100, PORTS, egress, memory)).toBe(10);
    expect(policy.leavesOut(memory)).toBe(false);
  });

  it('are not asked for when nothing depends on them', () => {
    expect([new PayloadPolicy({ perTurn: 5 }).asksProtocol, onlyHttp.asksProtocol]).toEqual([false, true]);
  });
});
