/** One frame as a capture file holds it. */
export interface PacketRecord {
  /** Position in the file, from 1, as packet analysers count. */
  readonly number: number;
  /** Since the Unix epoch. */
  readonly seconds: number;
  /** 0 … 999,999,999. */
  readonly nanoseconds: number;
  /** LINKTYPE_ number: https://www.tcpdump.org/linktypes.html */
  readonly linkType: number;
  /** Position of the interface in the file, from 0. */
  readonly interfaceId: number;
  /** As the file names it; absent where it does not. */
  readonly interfaceName?: string | undefined;
  /** What the file says of the way: `out` = the capturing host sent it. */
  readonly way?: 'in' | 'out' | undefined;
  /** The captured bytes: a view, valid for ever. */
  readonly bytes: Uint8Array;
  /** Bytes on the wire; at least those captured. */
  readonly wireLength: number;
}

/** A record that claims more is taken as damage. BIG TCP hands half a megabyte to a capture at once. */
export const MAX_PACKET_BYTES = 1024 * 1024;

/** Nothing more of a packet file can be read from this byte on. */
export interface CorruptRecord {
  readonly from: number;
  readonly detail: string;
}
