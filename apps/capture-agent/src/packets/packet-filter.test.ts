import { describe, expect, it } from 'vitest';
import { packetFilter } from './packet-filter';
import { parsePacketPoint } from './packet-point';

/** Runs a classic BPF program, of which the filter uses a part (linux/filter.h). A load beyond the packet ends it with 0. */
function run(program: Uint8Array, packet: Uint8Array): number {
  const code = new DataView(program.buffer);
  const data = new DataView(packet.buffer, packet.byteOffset, packet.length);
  let [a, x] = [0, 0];
  for (let at = 0; at < program.length; at += 8) {
    const [k, jt, jf] = [code.getUint32(at + 4, true), code.getUint8(at + 2), code.getUint8(at + 3)];
    const load = (from: number, size: number) => {
      if (from + size > packet.length) throw new RangeError();
      return size === 4 ? data.getUint32(from) : size === 2 ? data.getUint16(from) : data.getUint8(from);
    };
    try {
      switch (code.getUint16(at, true)) {
        case 0x20:
          a = load(k, 4);
          break;
        case 0x28:
          a = load(k, 2);
          break;
        case 0x30:
          a = load(k, 1);
          break;
        case 0x48:
          a = load(x + k, 2);
          break;
        case 0xb1:
          x = 4 * (load(k, 1) & 15);
          break;
        case 0x74:
          a >>>= k;
          break;
        case 0x05:
          at += 8 * k;
          break;
        case 0x15:
          at += 8 * (a === k ? jt : jf);
          break;
        case 0x45:
          at += 8 * ((a & k) !== 0 ? jt : jf);
          break;
        case 0x06:
          return k;
        default:
          throw new Error(`instruction at ${at}`);
      }
    } catch (error) {
      if (error instanceof RangeError) return 0;
      throw error;
    }
  }
  throw new Error('the program has no end');
}

const ports = (from: number, to: number) => [from >> 8, from & 255, to >> 8, to & 255];
const v4 = (from: string, to: string, protocol: number, rest: readonly number[], { fragment = 0, options = 0 } = {}) =>
  Uint8Array.from([
    ...[0x45 + options, 0, 0, 60, 0, 0, fragment >> 8, fragment & 255, 64, protocol, 0, 0],
    ...[from, to].flatMap((address) => address.split('.').map(Number)),
    ...new Array<number>(4 * options).fill(1),
    ...rest,
  ]);
const v6 = (from: readonly number[], to: readonly number[], protocol: number, rest: readonly number[]) =>
  Uint8Array.from([0x60, 0, 0, 0, 0, 20, protocol, 64, ...from, ...to, ...rest]);
/** 2001:db8::N */
const address6 = (n: number) => [0x20, 1, 0x0d, 0xb8, ...new Array<number>(11).fill(0), n];
const [TCP, UDP, ICMP] = [6, 17, 1];

describe('packet filter', () => {
  it.each<[string, { ports?: number[]; hosts?: string[] }, Uint8Array, boolean]>([
    ['TCP of any port', {}, v4('10.0.0.1', '10.0.0.2', TCP, ports(4000, 80)), true],
    ['UDP of any port, IPv6', {}, v6(address6(1), address6(2), UDP, ports(4000, 53)), true],
    ['no other protocol', {}, v4('10.0.0.1', '10.0.0.2', ICMP, ports(0, 0)), false],
    ['nothing but IP', {}, Uint8Array.from([0, 1, 8, 0]), false],
    ['a port asked', { ports: [80, 443] }, v4('10.0.0.1', '10.0.0.2', TCP, ports(4000, 443)), true],
    ['a port that answers', { ports: [80] }, v4('10.0.0.1', '10.0.0.2', TCP, ports(80, 4000)), true],
    ['behind IPv4 options', { ports: [80] }, v4('10.0.0.1', '10.0.0.2', TCP, ports(1, 80), { options: 3 }), true],
    ['another port', { ports: [80] }, v4('10.0.0.1', '10.0.0.2', TCP, ports(4000, 81)), false],
    ['IPv6 ports', { ports: [80] }, v6(address6(1), address6(2), TCP, ports(80, 9)), true],
    ['another IPv6 port', { ports: [80] }, v6(address6(1), address6(2), TCP, ports(8, 9)), false],
    ['a later fragment', { ports: [53] }, v4('10.0.0.1', '10.0.0.2', UDP, [1, 2, 3, 4], { fragment: 185 }), true],
    ['a host that asks', { hosts: ['10.0.0.1'] }, v4('10.0.0.1', '10.0.0.2', TCP, ports(1, 2)), true],
    ['a host that is asked', { hosts: ['9.9.9.9', '10.0.0.2'] }, v4('10.0.0.1', '10.0.0.2', TCP, ports(1, 2)), true],
    ['another host', { hosts: ['10.0.0.3'] }, v4('10.0.0.1', '10.0.0.2', TCP, ports(1, 2)), false],
    ['an IPv6 host', { hosts: ['2001:db8::2'] }, v6(address6(1), address6(2), TCP, ports(1, 2)), true],
    ['another IPv6 host', { hosts: ['2001:db8::3'] }, v6(address6(1), address6(2), TCP, ports(1, 2)), false],
    ['IPv6 when IPv4 is asked for', { hosts: ['10.0.0.1'] }, v6(address6(1), address6(2), TCP, ports(1, 2)), false],
    ['host and port', { hosts: ['10.0.0.1'], ports: [2] }, v4('10.0.0.1', '10.0.0.2', TCP, ports(1, 2)), true],
    ['host, not port', { hosts: ['10.0.0.1'], ports: [3] }, v4('10.0.0.1', '10.0.0.2', TCP, ports(1, 2)), false],
  ])('%s', (_name, { ports: wanted = [], hosts = [] }, packet, taken) => {
    expect(run(packetFilter({ ports: wanted, hosts, keep: 500 }), packet)).toBe(taken ? 500 : 0);
  });

  it('reaches the last of many ports', () => {
    const many = Array.from({ length: 300 }, (_, n) => 1000 + n);
    const program = packetFilter({ ports: many, hosts: [], keep: 1 });
    expect(run(program, v4('10.0.0.1', '10.0.0.2', TCP, ports(1, 1299)))).toBe(1);
    expect(run(program, v4('10.0.0.1', '10.0.0.2', TCP, ports(1, 1300)))).toBe(0);
  });
});

it.each([
  ['eth0', { name: 'eth0', interfaceName: 'eth0', netnsPath: '' }],
  ['netns:shop/eth0', { name: 'shop/eth0', interfaceName: 'eth0', netnsPath: '/run/netns/shop' }],
  ['netns:/proc/8/ns/net/eth0', { name: '/proc/8/ns/net/eth0', interfaceName: 'eth0', netnsPath: '/proc/8/ns/net' }],
  ['bond0@gw', { name: 'bond0', interfaceName: 'bond0', netnsPath: '', observation: 'gw' }],
  ['eth0@moon', undefined],
  ['netns:a/b/eth0', undefined],
  ['an-interface-name-that-is-too-long', undefined],
  ['', undefined],
])('the place of packets %j', (text, expected) => {
  expect(parsePacketPoint(text)).toEqual(expected);
});
