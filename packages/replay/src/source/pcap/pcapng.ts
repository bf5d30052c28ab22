import type { ByteQueue } from '../../format/byte-queue';
import { ordered16, ordered32 } from './byte-order';
import { type CorruptRecord, MAX_PACKET_BYTES, type PacketRecord } from './packet-record';
import { MICROSECOND_UNIT, type TimestampUnit, ticksPerSecond, timeOf } from './timestamp-unit';

/**
 * pcapng: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/
 *
 *   file    = section+             section = SHB (IDB | EPB | SPB | PB | other block)*
 *   block   = type u32, length u32 (all of it, a multiple of 4), body, length u32
 *   SHB     = 0A0D0D0A; body: byte-order magic 1A2B3C4D, version 2 × u16, section length u64, options
 *   IDB     = 1; body: linkType u16, reserved u16, snapLen u32, options
 *   PB      = 2 (obsolete); body: interface u16, drops u16, then as EPB
 *   SPB     = 3; body: wireLength u32, bytes                          of interface 0, without a time
 *   EPB     = 6; body: interface u32, time 2 × u32, capturedLength u32, wireLength u32, bytes padded to 4, options
 *   options = (code u16, length u16, value padded to 4)*, ended by code 0
 */
const Block = { section: 0x0a0d0d0a, interface: 1, packet: 2, simple: 3, enhanced: 6 } as const;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const Option = { end: 0, name: 2, flags: 2, resolution: 9, offset: 14 } as const;

const BLOCK_HEAD_BYTES = 8;
const LEAST_BLOCK_BYTES = 12;
const LEAST_SECTION_BYTES = 28;
const PACKET_HEAD_BYTES = 20;
/** The largest block that is kept to be read: a packet with its options. Others of any length are passed over. */
const MAX_BLOCK_BYTES = MAX_PACKET_BYTES + 64 * 1024;
/** A section with more interfaces than that is no honest file; later ones are not known. */
const MAX_INTERFACES = 65_536;

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  readonly name: string | undefined;
  readonly unit: TimestampUnit;
}

const utf8 = new TextDecoder('utf-8');

/** Reads what follows as far as it is there. */
export class Pcapng {
  /** Once there is one, nothing more can be read. */
  corrupt: CorruptRecord | undefined = undefined;
  private little = false;
  private interfaces: Interface[] = [];
  /** Interfaces of earlier sections. */
  private interfaceBase = 0;
  private packets = 0;
  /** Bytes of a block that are passed over. */
  private skip = 0;

  static recognises(head: Uint8Array): boolean {
    return ordered32(head, 0, false) === Block.section;
  }

  /** `undefined` = more bytes are needed, or it is corrupt. */
  next(queue: ByteQueue): PacketRecord | undefined {
    for (;;) {
      if (this.skip > 0) {
        const dropped = Math.min(this.skip, queue.length);
        queue.drop(dropped);
        this.skip -= dropped;
        if (this.skip > 0) return undefined;
      }
      if (queue.length < LEAST_BLOCK_BYTES) return undefined;
      const from = queue.position;
      const head = queue.peek(0, LEAST_BLOCK_BYTES);
      const isSection = ordered32(head, 0, false) === Block.section;
      if (isSection && !this.readByteOrder(head)) return this.fail(from, 'a section has no byte-order magic');
      const type = ordered32(head, 0, this.little);
      const length = ordered32(head, 4, this.little);
      if (length < (isSection ? LEAST_SECTION_BYTES : LEAST_BLOCK_BYTES) || (length & 3) !== 0) {
        return this.fail(from, `a block claims ${length} bytes`);
      }
      if (!isRead(type)) {
        this.skip = length;
        continue;
      }
      if (length > MAX_BLOCK_BYTES) return this.fail(from, `a block of type ${type} claims ${length} bytes`);
      if (queue.length < length) return undefined;
      const block = queue.peek(0, length);
      if (ordered32(block, length - 4, this.little) !== length) {
        return this.fail(from, 'the two lengths of a block differ');
      }
      queue.drop(length);
      const packet = this.read(type, block.subarray(BLOCK_HEAD_BYTES, length - 4));
      if (typeof packet === 'string') return this.fail(from, packet);
      if (packet !== undefined) return packet;
    }
  }

  /** A file that ends here ends between two blocks. */
  get atBoundary(): boolean {
    return this.skip === 0;
  }

  private fail(from: number, detail: string): undefined {
    this.corrupt = { from, detail };
    return undefined;
  }

  private readByteOrder(head: Uint8Array): boolean {
    this.little = ordered32(head, 8, true) === BYTE_ORDER_MAGIC;
    return this.little || ordered32(head, 8, false) === BYTE_ORDER_MAGIC;
  }

  /** The packet of a block's body, if it has one; text = what is wrong with it. */
  private read(type: number, body: Uint8Array): PacketRecord | string | undefined {
    switch (type) {
      case Block.section:
        this.interfaceBase += this.interfaces.length;
        this.interfaces = [];
        return undefined;
      case Block.interface:
        if (body.length < 8) return 'an interface block is too short';
        if (this.interfaces.length < MAX_INTERFACES) this.interfaces.push(this.readInterface(body));
        return undefined;
      case Block.simple:
        return this.readSimple(body);
      default:
        return this.readPacket(body, type === Block.packet);
    }
  }

  private readInterface(body: Uint8Array): Interface {
    const { little } = this;
    let name: string | undefined;
    let rate = MICROSECOND_UNIT.ticksPerSecond;
    let offset = 0;
    this.forEachOption(body, 8, (code, value) => {
      if (code === Option.name) name = utf8.decode(value).replace(/\0+$/, '');
      if (code === Option.resolution && value.length >= 1) rate = ticksPerSecond(value[0]!);
      if (code === Option.offset && value.length >= 8) {
        const [low, high] = little ? [0, 4] : [4, 0];
        offset = (ordered32(value, high, little) | 0) * 0x1_0000_0000 + ordered32(value, low, little);
      }
    });
    const unit = { ticksPerSecond: rate, offset };
    return { linkType: ordered16(body, 0, little), snapLength: ordered32(body, 4, little), name, unit };
  }

  private readPacket(body: Uint8Array, obsolete: boolean): PacketRecord | string {
    const { little } = this;
    if (body.length < PACKET_HEAD_BYTES) return 'a packet block is too short';
    const id = obsolete ? ordered16(body, 0, little) : ordered32(body, 0, little);
    const captured = ordered32(body, 12, little);
    if (captured > body.length - PACKET_HEAD_BYTES) return `packet ${this.packets + 1} is longer than its block`;
    const known = this.interfaces[id];
    if (known === undefined) return `packet ${this.packets + 1} is of interface ${id}, which is not described`;
    let way: 'in' | 'out' | undefined;
    this.forEachOption(body, PACKET_HEAD_BYTES + ((captured + 3) & ~3), (code, value) => {
      if (code === Option.flags && value.length >= 4) way = wayOf(ordered32(value, 0, little));
    });
    const time = timeOf(ordered32(body, 4, little), ordered32(body, 8, little), known.unit);
    const bytes = body.subarray(PACKET_HEAD_BYTES, PACKET_HEAD_BYTES + captured);
    return this.packet(id, known, time, bytes, ordered32(body, 16, little), way);
  }

  private readSimple(body: Uint8Array): PacketRecord | string {
    const [known] = this.interfaces;
    if (known === undefined || body.length < 4) return 'a simple packet block has no interface';
    const wireLength = ordered32(body, 0, this.little);
    const limit = known.snapLength > 0 ? Math.min(known.snapLength, wireLength) : wireLength;
    const bytes = body.subarray(4, 4 + Math.min(limit, body.length - 4));
    return this.packet(0, known, { seconds: 0, nanoseconds: 0 }, bytes, wireLength, undefined);
  }

  private packet(
    id: number,
    { linkType, name }: Interface,
    time: { seconds: number; nanoseconds: number },
    bytes: Uint8Array,
    wireLength: number,
    way: 'in' | 'out' | undefined,
  ): PacketRecord {
    this.packets += 1;
    // Of one shape, whether they are known or not.
    return {
      number: this.packets,
      seconds: time.seconds,
      nanoseconds: time.nanoseconds,
      linkType,
      interfaceId: this.interfaceBase + id,
      interfaceName: name,
      way,
      bytes,
      wireLength: Math.max(wireLength, bytes.length),
    };
  }

  private forEachOption(body: Uint8Array, start: number, visit: (code: number, value: Uint8Array) => void): void {
    for (let at = start; at + 4 <= body.length; ) {
      const code = ordered16(body, at, this.little);
      const length = ordered16(body, at + 2, this.little);
      if (code === Option.end || length > body.length - at - 4) return;
      visit(code, body.subarray(at + 4, at + 4 + length));
      at += 4 + ((length + 3) & ~3);
    }
  }
}

function isRead(type: number): boolean {
  return (
    type === Block.section ||
    type === Block.interface ||
    type === Block.packet ||
    type === Block.simple ||
    type === Block.enhanced
  );
}

/** The two lowest bits of `epb_flags`. */
function wayOf(flags: number): 'in' | 'out' | undefined {
  const bits = flags & 3;
  if (bits === 1) return 'in';
  return bits === 2 ? 'out' : undefined;
}
