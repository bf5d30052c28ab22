/** Where a protocol's header begins in a frame, and where its data ends. */
export interface Layer {
  readonly bytes: Uint8Array;
  readonly at: number;
  /** End of what was captured. */
  readonly end: number;
  /** End of what was on the wire: `end` or later. */
  readonly wireEnd: number;
}

/** A layer with what says of what protocol it is: an EtherType. */
export interface EtherLayer extends Layer {
  readonly etherType: number;
}

/** https://www.iana.org/assignments/ieee-802-numbers */
export const EtherType = {
  ipv4: 0x0800,
  vlan: 0x8100,
  ethernetBridging: 0x6558,
  ipv6: 0x86dd,
  serviceVlan: 0x88a8,
  erspan2: 0x88be,
  erspan3: 0x22eb,
  oldQinq: 0x9100,
  mplsUnicast: 0x8847,
  mplsMulticast: 0x8848,
  pppoeSession: 0x8864,
} as const;
