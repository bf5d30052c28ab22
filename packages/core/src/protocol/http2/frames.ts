/**
 * Frames: RFC 9113, sections 4.1 and 6.
 *
 *   frame = length (3) · type (1) · flags (1) · reserved (1 bit) · stream (31 bits) · payload
 */
export const FRAME_HEAD = 9;
/** SETTINGS_MAX_FRAME_SIZE until the peer allows more. Only DATA makes use of that. */
export const DEFAULT_MAX_FRAME = 16_384;
const MAX_FRAME = 1 << 20;

export const FrameType = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const Flag = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

/** The head of a frame. One object is used again and again. */
export class FrameHead {
  length = 0;
  type = 0;
  flags = 0;
  reserved = false;
  stream = 0;

  /** `bytes` must hold FRAME_HEAD bytes at `at`. */
  read(bytes: Uint8Array, at: number): this {
    this.length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    this.type = bytes[at + 3]!;
    this.flags = bytes[at + 4]!;
    this.reserved = bytes[at + 5]! >= 0x80;
    this.stream = u31(bytes, at + 5);
    return this;
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** Bytes between the head and the header block of a HEADERS or PUSH_PROMISE frame. */
  get prefix(): number {
    const fixed = this.type === FrameType.pushPromise ? 4 : this.has(Flag.priority) ? 5 : 0;
    return fixed + (this.has(Flag.padded) ? 1 : 0);
  }

  /** Whether length and stream are as the type asks for. Types that are not known are passed over (section 5.5). */
  get isSound(): boolean {
    const { length, stream } = this;
    switch (this.type) {
      case FrameType.data:
        return stream !== 0 && (length > 0 || !this.has(Flag.padded));
      case FrameType.headers:
      case FrameType.pushPromise:
        return stream !== 0 && length >= this.prefix && length <= MAX_FRAME;
      case FrameType.continuation:
        return stream !== 0 && length <= MAX_FRAME;
      case FrameType.priority:
        return stream !== 0 && length === 5;
      case FrameType.rstStream:
        return stream !== 0 && length === 4;
      case FrameType.settings:
        return stream === 0 && (this.has(Flag.ack) ? length === 0 : length % 6 === 0 && length <= 6 * 64);
      case FrameType.ping:
        return stream === 0 && length === 8;
      case FrameType.goaway:
        return stream === 0 && length >= 8 && length <= MAX_FRAME;
      case FrameType.windowUpdate:
        return length === 4;
      default:
        return length <= DEFAULT_MAX_FRAME;
    }
  }
}

/** A number of 31 bits; the bit above is reserved. */
export function u31(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! & 0x7f) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** RFC 9113, section 7. */
const ERROR_NAMES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const;
export const LAST_ERROR = ERROR_NAMES.length - 1;

/** Name of the error code at `at`, as far as `end` lets it be read. */
export function errorName(bytes: Uint8Array, at: number, end: number): string {
  if (at + 4 > end) return '';
  const code = u31(bytes, at) + (bytes[at]! >= 0x80 ? 2 ** 31 : 0);
  return ERROR_NAMES[code] ?? `error ${code}`;
}
