import { joinBytes } from '../../testing/sample-capture';

/** For tests only: frames and packet files from their parts. Numbers are written in network order unless a file's is given. */

export type Bytes = readonly number[] | Uint8Array;

export const u16 = (value: number) => [(value >> 8) & 255, value & 255];
export const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];
export function bytes(...parts: readonly (Bytes | string)[]): Uint8Array {
  return joinBytes(
    parts.map((part) => (typeof part === 'string' ? new TextEncoder().encode(part) : Uint8Array.from(part))),
  );
}

export const A4 = [10, 0, 0, 1];
export const B4 = [10, 0, 0, 2];
export const A6 = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
export const B6 = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];

const MACS = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];

export function etherFrame(
  etherType: number,
  payload: Bytes,
  ...tags: readonly (readonly [number, number])[]
): Uint8Array {
  return bytes(MACS, ...tags.map(([type, id]) => [...u16(type), ...u16(id)]), u16(etherType), payload);
}

export function ip4(
  protocol: number,
  payload: Bytes,
  { source = A4, target = B4, id = 1, fragment = 0, options = [] as Bytes, total = -1 } = {},
): Uint8Array {
  const headerLength = 20 + options.length;
  const length = total < 0 ? headerLength + payload.length : total;
  const head = [0x40 | (headerLength / 4), 0, ...u16(length), ...u16(id), ...u16(fragment), 64, protocol, 0, 0];
  return bytes(head, source, target, options, payload);
}

export function ip6(
  nextHeader: number,
  payload: Bytes,
  { source = A6, target = B6, length = payload.length } = {},
): Uint8Array {
  return bytes([0x60, 0, 0, 0], u16(length), [nextHeader, 64], source, target, payload);
}

export interface TcpParts {
  readonly from?: number;
  readonly to?: number;
  readonly seq?: number;
  readonly ack?: number;
  readonly window?: number;
  /** `S`, `A`, `F`, `R`, `P` in any order. */
  readonly flags?: string;
  readonly options?: Bytes;
}

const FLAGS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16 };

export function tcp(
  payload: Bytes | string,
  { from = 40_000, to = 80, seq = 1000, ack = 0, window = 65_535, flags = 'A', options = [] }: TcpParts = {},
) {
  const bits = [...flags].reduce((sum, flag) => sum | FLAGS[flag]!, 0);
  const words = ((20 + options.length) / 4) << 4;
  return bytes(u16(from), u16(to), u32(seq), u32(ack), [words, bits], u16(window), u16(0), u16(0), options, payload);
}

export function udp(payload: Bytes | string, { from = 40_000, to = 53, length = -1 } = {}): Uint8Array {
  const body = bytes(payload);
  return bytes(u16(from), u16(to), u16(length < 0 ? 8 + body.length : length), u16(0), body);
}

export interface Frame {
  readonly frame: Uint8Array;
  /** Nanoseconds since the epoch. Default: the frame's place in the file, in milliseconds from 2 s on. */
  readonly time?: number;
  /** On the wire. Default: as captured. */
  readonly wireLength?: number;
}

const timeOf = ({ time }: Frame, i: number) => time ?? 2e9 + i * 1e6;

function ordered(little: boolean) {
  const turn = (value: number[]) => (little ? value.reverse() : value);
  return { o16: (value: number) => turn(u16(value)), o32: (value: number) => turn(u32(value)) };
}

export function pcapFile(
  frames: readonly Frame[],
  { magic = 0xa1b2c3d4, little = true, linkType = 1 }: { magic?: number; little?: boolean; linkType?: number } = {},
): Uint8Array {
  const { o16, o32 } = ordered(little);
  const unit = magic === 0xa1b23c4d ? 1 : 1000;
  const records = frames.flatMap((each, i) => {
    const time = timeOf(each, i);
    const { frame, wireLength = frame.length } = each;
    const more = magic === 0xa1b2cd34 ? [0, 0, 0, 1, 8, 0, 0, 0] : [];
    const head = [time / 1e9, (time % 1e9) / unit, frame.length, wireLength].flatMap((n) => o32(Math.floor(n)));
    return [head, more, frame];
  });
  return bytes(o32(magic), o16(2), o16(4), o32(0), o32(0), o32(65_535), o32(linkType), ...records);
}

/** Writers of pcapng blocks in one byte order. */
export function pcapngBlocks(little: boolean) {
  const { o16, o32 } = ordered(little);
  const padded = (value: Bytes) => bytes(value, new Array((4 - (value.length % 4)) % 4).fill(0));
  const block = (type: number, ...parts: readonly Bytes[]) => {
    const body = padded(bytes(...parts));
    const length = o32(body.length + 12);
    return bytes(type === 0x0a0d0d0a ? u32(type) : o32(type), length, body, length);
  };
  const option = (code: number, value: Bytes) => bytes(o16(code), o16(value.length), padded(value));
  return {
    block,
    option,
    o32,
    section: () => block(0x0a0d0d0a, o32(0x1a2b3c4d), o16(1), o16(0), o32(0xffffffff), o32(0xffffffff)),
    interface: (linkType: number, options: readonly Bytes[] = []) =>
      block(1, o16(linkType), o16(0), o32(0), ...options, options.length > 0 ? o32(0) : []),
    /** `ticks` in the interface's unit. */
    enhanced: (
      id: number,
      ticks: bigint,
      frame: Uint8Array,
      options: readonly Bytes[] = [],
      wireLength = frame.length,
    ) =>
      block(
        6,
        o32(id),
        o32(Number(ticks >> 32n)),
        o32(Number(ticks & 0xffffffffn)),
        o32(frame.length),
        o32(wireLength),
        padded(frame),
        ...options,
      ),
    simple: (frame: Uint8Array) => block(3, o32(frame.length), frame),
  };
}
