/** The fixed parts of the capture format; `docs/capture-format.md` is the specification. */

/** bin8 of length 8 holding `CAUSEWAY`. */
export const MAGIC: Uint8Array = Uint8Array.of(0xc4, 8, 0x43, 0x41, 0x55, 0x53, 0x45, 0x57, 0x41, 0x59);

/** The newest version of the format that is read, and the one that is written. */
export const FORMAT_VERSION = 1;

export const FrameKind = {
  header: 1,
  events: 2,
  snapshot: 3,
  loss: 4,
  clock: 5,
  thirdPartySpans: 6,
  annotation: 7,
  tags: 8,
  index: 9,
} as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** How a payload is stored. */
export const Encoding = { plain: 0, gzip: 1 } as const;
export type Encoding = (typeof Encoding)[keyof typeof Encoding];

/** Bytes of a frame before its payload. */
export const FRAME_HEAD_BYTES = 13;

/** Limit of a payload in bytes, both stored and decoded. */
export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

/** Limit of the rows in one event block. */
export const MAX_BLOCK_EVENTS = 16_384;
