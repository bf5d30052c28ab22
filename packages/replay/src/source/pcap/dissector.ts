import { FragmentTable } from './fragment-table';
import { type EtherLayer, EtherType } from './layer';
import { isKnownLinkType, type LinkPayload, linkPayload } from './link-layer';
import { type IpPayload, IpProtocol, ipv4, ipv6, withoutExtensions } from './network-layer';
import type { PacketRecord } from './packet-record';
import { type Segment, tcpSegment, udpDatagram } from './segment';
import { gre, udpTunnel } from './tunnels';

/** Tunnels within tunnels that are followed. */
const MAX_TUNNELS = 8;

export interface Dissected {
  readonly segment: Segment;
  readonly way: LinkPayload['way'];
  readonly interfaceIndex: number | undefined;
}

/** Takes a frame apart down to TCP or UDP, through tags, tunnels and fragments. */
export class Dissector {
  /** Link types that occurred and are not read. */
  readonly unknownLinkTypes = new Set<number>();
  private readonly fragments = new FragmentTable();

  /** `undefined` = no TCP or UDP, or not whole yet. */
  dissect(packet: PacketRecord): Dissected | undefined {
    const link = linkPayload(packet);
    if (link === undefined) {
      if (!isKnownLinkType(packet.linkType)) this.unknownLinkTypes.add(packet.linkType);
      return undefined;
    }
    const segment = this.network(link.layer, packet.seconds, 0);
    if (segment === undefined) return undefined;
    const { way = packet.way, interfaceIndex } = link;
    return { segment, way, interfaceIndex };
  }

  private network(layer: EtherLayer, now: number, depth: number): Segment | undefined {
    if (depth > MAX_TUNNELS) return undefined;
    const payload =
      layer.etherType === EtherType.ipv4 ? ipv4(layer) : layer.etherType === EtherType.ipv6 ? ipv6(layer) : undefined;
    if (payload === undefined) return undefined;
    if (payload.part === undefined) return this.transport(payload, now, depth);
    const whole = this.fragments.add(payload, now);
    const datagram = whole && withoutExtensions(whole);
    return datagram && this.transport(datagram, now, depth);
  }

  private transport(payload: IpPayload, now: number, depth: number): Segment | undefined {
    switch (payload.protocol) {
      case IpProtocol.tcp:
        return tcpSegment(payload);
      case IpProtocol.udp:
        return this.udp(payload, now, depth);
      case IpProtocol.gre:
        return this.tunnelled(gre(payload), now, depth);
      case IpProtocol.ipv4:
        return this.tunnelled({ ...payload, etherType: EtherType.ipv4 }, now, depth);
      case IpProtocol.ipv6:
        return this.tunnelled({ ...payload, etherType: EtherType.ipv6 }, now, depth);
      default:
        return undefined;
    }
  }

  private udp(payload: IpPayload, now: number, depth: number): Segment | undefined {
    const datagram = udpDatagram(payload);
    if (datagram === undefined) return undefined;
    const { bytes, wireEnd } = payload;
    const at = datagram.payload.byteOffset - bytes.byteOffset;
    const body = { bytes, at, end: at + datagram.payload.length, wireEnd: Math.min(at + datagram.length, wireEnd) };
    const carried = udpTunnel(body, datagram.targetPort);
    if (carried === undefined) return datagram;
    const isIp = carried.etherType === EtherType.ipv4 || carried.etherType === EtherType.ipv6;
    return isIp ? this.tunnelled(carried, now, depth) : undefined;
  }

  private tunnelled(layer: EtherLayer | undefined, now: number, depth: number): Segment | undefined {
    return layer && this.network(layer, now, depth + 1);
  }
}
