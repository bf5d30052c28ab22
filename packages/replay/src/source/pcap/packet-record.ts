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
  readonly interfaceName?: string;
  /** What the file says of the way: `out` = the capturing host sent it. */
  readonly way?: 'in' | 'out';
  /** The captured bytes: a view, valid for ever. */
  readonly bytes: Uint8Array;
  /** Bytes on the wire; at least those captured. */
  readonly wireLength: number;
}

/** A record that claims more is taken as damage. BIG TCP hands half a megabyte to a capture at once. */
export const MAX_PACKET_BYTES = 1024 * 1024;

/** What a reader of packet files gives. Byte positions count from the start of the file. */
export type PacketPiece =
  | { readonly kind: 'packet'; readonly packet: PacketRecord; readonly from: number; readonly to: number }
  /** Nothing more can be read from `from` on, up to the file's end. */
  | { readonly kind: 'corrupt'; readonly from: number; readonly detail: string };
