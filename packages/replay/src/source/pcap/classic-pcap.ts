import type { ByteQueue } from '../../format/byte-queue';
import { ordered32 } from './byte-order';
import { type CorruptRecord, MAX_PACKET_BYTES, type PacketRecord } from './packet-record';

/**
 * pcap: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/
 *
 *   file   = magic u32, version 2 × u16, reserved 2 × u32, snapLen u32, linkType u32, record*
 *   record = seconds u32, fraction u32, capturedLength u32, wireLength u32, bytes
 *
 * The magic tells the byte order and the unit of `fraction`. With the modified magic (Kuznetsov's patch) a record's head
 * goes on: interface index u32, protocol u16, packet type u8, padding u8.
 */
const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const MODIFIED = 0xa1b2cd34;

const FILE_HEAD_BYTES = 24;
const RECORD_HEAD_BYTES = 16;
const MODIFIED_HEAD_BYTES = 24;
/** Above them lie the length of a frame check sequence and flags. */
const LINK_TYPE_BITS = 0xffff;

/** Reads what follows as far as it is there. */
export class ClassicPcap {
  /** Once there is one, nothing more can be read. */
  corrupt: CorruptRecord | undefined = undefined;
  private little = false;
  private nanosecondsPerUnit = 0;
  private headBytes = RECORD_HEAD_BYTES;
  private linkType = 0;
  private packets = 0;

  static recognises(head: Uint8Array): boolean {
    return [true, false].some((little) => isMagic(ordered32(head, 0, little)));
  }

  /** `undefined` = more bytes are needed, or it is corrupt. */
  next(queue: ByteQueue): PacketRecord | undefined {
    if (this.nanosecondsPerUnit === 0) {
      if (queue.length < FILE_HEAD_BYTES) return undefined;
      this.readFileHead(queue.peek(0, FILE_HEAD_BYTES));
      queue.drop(FILE_HEAD_BYTES);
    }
    const { little, headBytes } = this;
    if (queue.length < headBytes) return undefined;
    const bytes = queue.gather(headBytes);
    const { front } = queue;
    const length = ordered32(bytes, front + 8, little);
    if (length > MAX_PACKET_BYTES) {
      const detail = `the record of packet ${this.packets + 1} claims ${length} bytes`;
      this.corrupt = { from: queue.position, detail };
      return undefined;
    }
    if (queue.length < headBytes + length) return undefined;
    this.packets += 1;
    const fraction = ordered32(bytes, front + 4, little) * this.nanosecondsPerUnit;
    const packet = {
      number: this.packets,
      // A fraction of more than a second occurs in edited files, and means what it says.
      seconds: ordered32(bytes, front, little) + Math.floor(fraction / 1e9),
      nanoseconds: fraction % 1e9,
      linkType: this.linkType,
      interfaceId: 0,
      bytes: queue.peek(headBytes, headBytes + length),
      wireLength: Math.max(ordered32(bytes, front + 12, little), length),
    };
    queue.drop(headBytes + length);
    return packet;
  }

  private readFileHead(head: Uint8Array): void {
    this.little = isMagic(ordered32(head, 0, true));
    const magic = ordered32(head, 0, this.little);
    this.nanosecondsPerUnit = magic === NANOSECONDS ? 1 : 1000;
    this.headBytes = magic === MODIFIED ? MODIFIED_HEAD_BYTES : RECORD_HEAD_BYTES;
    this.linkType = ordered32(head, 20, this.little) & LINK_TYPE_BITS;
  }
}

function isMagic(value: number): boolean {
  return value === MICROSECONDS || value === NANOSECONDS || value === MODIFIED;
}
