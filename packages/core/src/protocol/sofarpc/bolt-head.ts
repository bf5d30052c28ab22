import type { Cursor } from '../../base/cursor';

/** Type of a frame: what it is, and whether an answer is wanted. */
export const FrameType = { response: 0, request: 1, oneWay: 2 } as const;
export const Command = { heartbeat: 0, request: 1, response: 2 } as const;
const LAST_TYPE = FrameType.oneWay;
const LAST_COMMAND = Command.response;
/** Of the protocol's second version: its first has no checksums. */
const CHECKSUM_VERSION = 2;
const CHECKSUM_SWITCH = 1;
const CHECKSUM_BYTES = 4;

/** Head of a frame. */
export interface BoltHead {
  version: number;
  type: number;
  command: number;
  requestId: number;
  codec: number;
  /** Of responses. */
  status: number;
  classLength: number;
  headerLength: number;
  contentLength: number;
  /** Of the whole frame, head included. */
  length: number;
}

/** Reads the head at the cursor into `head`, and moves behind it. */
export function readBoltHead(cursor: Cursor, head: BoltHead): 'head' | 'more' | 'invalid' {
  const start = cursor.position;
  head.version = cursor.u8();
  if (cursor.overrun) return 'more';
  if (head.version !== 1 && head.version !== 2) return 'invalid';
  const protocolVersion = head.version === 2 ? cursor.u8() : 1;
  if (cursor.overrun) return 'more';
  if (protocolVersion !== 1 && protocolVersion !== CHECKSUM_VERSION) return 'invalid';
  head.type = cursor.u8();
  head.command = cursor.u16();
  const commandVersion = cursor.u8();
  if (cursor.overrun) return 'more';
  if (head.type > LAST_TYPE || head.command > LAST_COMMAND || commandVersion !== 1) return 'invalid';
  const answers = head.type === FrameType.response;
  // Heartbeats and their answers share a command.
  if (head.command !== Command.heartbeat && answers !== (head.command === Command.response)) return 'invalid';
  head.requestId = cursor.u32();
  head.codec = cursor.u8();
  const switches = head.version === 2 ? cursor.u8() : 0;
  head.status = 0;
  if (answers) head.status = cursor.u16();
  else cursor.skip(4);
  head.classLength = cursor.u16();
  head.headerLength = cursor.u16();
  head.contentLength = cursor.u32();
  if (cursor.overrun) return 'more';
  head.length = cursor.position - start + head.classLength + head.headerLength + head.contentLength;
  if (protocolVersion === CHECKSUM_VERSION && (switches & CHECKSUM_SWITCH) !== 0) head.length += CHECKSUM_BYTES;
  return 'head';
}

export function emptyHead(): BoltHead {
  return {
    version: 0,
    type: 0,
    command: 0,
    requestId: 0,
    codec: 0,
    status: 0,
    classLength: 0,
    headerLength: 0,
    contentLength: 0,
    length: 0,
  };
}
