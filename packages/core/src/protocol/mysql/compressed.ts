import { Cursor } from '../../base/cursor';
import { little } from '../little-endian';
import { type Outcome, Unit } from '../protocol-parser';
import { Command, MAX_PACKET } from './packets';
import type { RequestReader } from './requests';
import type { ResponseReader } from './responses';
import type { ConnectionState } from './state';

/**
 * What follows a login that agrees on compression:
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_compression_packet.html
 *
 *   frame = length (3) · sequence (1) · length before compression (3) · content      sequence 0 = a new command
 *
 * The content is packets, or a piece of some. It is as it was where the second length is 0: so are short ones, that is most
 * statements' answers and many statements. What is compressed is not read: a frame of it is a command, or part of an answer,
 * of which nothing but time and length are known.
 */
export const FRAME_HEAD = 7;
/** Bytes that are waited for: what is not compressed is mostly below 50. */
const ENOUGH = 8192;
/** Bytes of a packet that goes on in the next frame, that are kept for it. */
const MAX_HELD = 16_384;
const COMPRESSED = 'COMPRESSED';
const EMPTY = new Uint8Array(0);

/** Whether a frame begins here whose content is one whole packet, that begins a command. */
export function isCompressedCommand(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + FRAME_HEAD + 5 > end) return false;
  const length = little(bytes, at, 3);
  const begins = bytes[at + 3] === 0 && little(bytes, at + 4, 3) === 0 && bytes[at + FRAME_HEAD + 3] === 0;
  return begins && length > 4 && little(bytes, at + FRAME_HEAD, 3) === length - 4;
}

/** One direction's place within the packets of its frames. */
interface Place {
  held: Uint8Array;
  /** Bytes of a packet that are still to be passed over. */
  skip: number;
  /** The message that is open was found to be compressed: what follows of it is not read. */
  opaque: boolean;
}

const inner = new Cursor();
const innerUnit = new Unit();

export class CompressedReader {
  private readonly client: Place = { held: EMPTY, skip: 0, opaque: false };
  private readonly server: Place = { held: EMPTY, skip: 0, opaque: false };

  constructor(
    private readonly state: ConnectionState,
    private readonly requests: RequestReader,
    private readonly responses: ResponseReader,
  ) {}

  resume(fromClient: boolean): void {
    Object.assign(fromClient ? this.client : this.server, { held: EMPTY, skip: 0, opaque: false });
  }

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const { bytes, position } = cursor;
    if (cursor.remaining < FRAME_HEAD) return 'more';
    const length = little(bytes, position, 3);
    if (length === 0) return 'invalid';
    if (!cursor.cut && cursor.remaining < Math.min(FRAME_HEAD + length, ENOUGH)) return 'more';
    unit.length = FRAME_HEAD + length;
    const place = fromClient ? this.client : this.server;
    const isNew = fromClient ? bytes[position + 3] === 0 : this.state.pending.length > 1;
    if (place.opaque) {
      if (!isNew) return 'unit';
      place.opaque = false;
      if (!fromClient) {
        this.state.pending.shift();
        unit.endsPrevious = true;
      }
    }
    if (little(bytes, position + 4, 3) !== 0) {
      if (fromClient) this.passRequest(length, unit);
      else this.passResponse(unit);
      place.opaque = true;
      place.held = EMPTY;
      place.skip = 0;
      return 'unit';
    }
    const start = position + FRAME_HEAD;
    return this.readContent(bytes, start, Math.min(cursor.end, start + length), start + length, fromClient, unit);
  }

  private passRequest(length: number, unit: Unit): void {
    this.requests.resume();
    this.state.add({ code: Command.query, endpoint: COMPRESSED });
    unit.begins = 'request';
    unit.fields = this.state.newFields(COMPRESSED);
    unit.ends = length < MAX_PACKET;
  }

  /** Where it ends is told by the next command. */
  private passResponse(unit: Unit): void {
    const { state, responses } = this;
    if (responses.isOpen) responses.makeUnknown();
    else {
      const endpoint = state.pending[0]?.endpoint;
      unit.begins = 'response';
      unit.fields = endpoint === undefined || endpoint === '' ? { status: 'unknown' } : { status: 'unknown', endpoint };
    }
    responses.resume();
  }

  private readContent(
    bytes: Uint8Array,
    from: number,
    captured: number,
    stop: number,
    fromClient: boolean,
    unit: Unit,
  ): Outcome {
    const place = fromClient ? this.client : this.server;
    const start = Math.min(from + place.skip, captured);
    place.skip -= start - from;
    let data = bytes;
    let at = start;
    let end = captured;
    if (place.held.length > 0) {
      data = new Uint8Array(place.held.length + captured - start);
      data.set(place.held);
      data.set(bytes.subarray(start, captured), place.held.length);
      at = 0;
      end = data.length;
      place.held = EMPTY;
    }
    const isCut = captured < stop;
    while (at < end) {
      inner.reset(data, at, end, isCut);
      innerUnit.reset();
      const outcome = fromClient ? this.requests.parse(inner, innerUnit) : this.responses.parse(inner, innerUnit);
      if (outcome === 'more') {
        if (!isCut && end - at <= MAX_HELD) place.held = data.slice(at, end);
        return 'unit';
      }
      if (outcome !== 'unit') return outcome;
      merge(unit, innerUnit);
      at += innerUnit.length;
    }
    // A packet may reach into the next frames; in a frame that is cut, up to its end at least.
    place.skip = Math.max(0, at - end - (stop - captured));
    return 'unit';
  }
}

/** Several packets of one message are one unit; of two messages in a frame the one that is no one-way is shown. */
function merge(unit: Unit, packet: Unit): void {
  if (packet.begins !== undefined && (unit.begins === undefined || unit.begins === 'oneway')) {
    unit.begins = packet.begins;
    unit.fields = packet.fields;
  }
  unit.ends = packet.ends;
  unit.switches ||= packet.switches;
}
