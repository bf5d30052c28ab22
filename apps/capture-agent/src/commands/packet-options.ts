import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';
import { MAX_FILTER_PORTS } from '../packets/packet-filter';
import { type PacketPoint, parsePacketPoint } from '../packets/packet-point';
import { UserError } from './user-error';

/** As commander gives them. */
export interface PacketOptions {
  readonly packets: readonly PacketPoint[];
  readonly packetHost: readonly string[];
  readonly port: readonly number[];
}

export function packetPoint(text: string): PacketPoint {
  const point = parsePacketPoint(text);
  if (point === undefined)
    throw new InvalidArgumentError('It takes an interface, e.g. eth0, netns:NAME/eth0 or eth0@gw.');
  return point;
}

export function ipAddress(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError('It takes an IP address.');
  return text;
}

/** Throws `UserError` when the options do not go together. */
export function packetsOf({ packets, packetHost, port }: PacketOptions) {
  if (packets.length === 0 && packetHost.length > 0) throw new UserError('--packet-host needs --packets.', 2);
  if (packets.length > 0 && port.length > MAX_FILTER_PORTS) {
    throw new UserError(`At most ${MAX_FILTER_PORTS} ports can be given with --packets.`, 2);
  }
  return { points: packets, hosts: packetHost };
}
