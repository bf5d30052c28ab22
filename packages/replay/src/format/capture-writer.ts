import type { StateSnapshot } from '@causeway/core';
import { Encoding, FORMAT_VERSION, FRAME_HEAD_BYTES, FrameKind, MAGIC, MAX_PAYLOAD_BYTES } from './capture-format';
import { type FrameCodec, portableCodec } from './frame-codec';
import { encodePayload } from './payload-encoding';
import type {
  Annotation,
  CaptureHeader,
  ClockPair,
  IndexEntry,
  LossRecord,
  RawEventBlock,
  StoredSocket,
  TagsRecord,
  ThirdPartySpans,
} from './payloads';

/** Takes the capture's bytes in order: the magic, then one whole frame a call. It owns them from then on. */
export type CaptureSink = (bytes: Uint8Array) => void;

export interface CaptureWriterOptions {
  /** Default: the portable one. Under Node, `nodeCodec` of `@causeway/replay/node` is faster. */
  readonly codec?: FrameCodec;
  /** Store event blocks and snapshots gzipped when that makes them smaller. Default false. */
  readonly compress?: boolean;
}

/** Times (monotonic) and events of a frame, for the index. */
export interface FrameRange {
  readonly firstTime: bigint;
  readonly lastTime: bigint;
  readonly count: number;
}

const NO_RANGE: FrameRange = { firstTime: 0n, lastTime: 0n, count: 0 };

/**
 * Writes one section of a capture: `writeHeader` first, any frames, then `end` for the index. A capture whose writer
 * never came to `end` is whole all the same, up to its last frame.
 */
export class CaptureWriter {
  private readonly codec: FrameCodec;
  private readonly compress: boolean;
  private readonly frames: IndexEntry[] = [];
  private offset = 0;

  constructor(
    private readonly sink: CaptureSink,
    options: CaptureWriterOptions = {},
  ) {
    this.codec = options.codec ?? portableCodec;
    this.compress = options.compress ?? false;
  }

  /** Bytes handed to the sink so far. */
  get bytesWritten(): number {
    return this.offset;
  }

  /** Magic and header; once, before anything else. The format version is the writer's. */
  writeHeader(header: Omit<CaptureHeader, 'version'>): void {
    if (this.offset > 0) throw new Error('a section has one header, before any other frame');
    this.emit(MAGIC.slice());
    const range = { firstTime: header.monotonic, lastTime: header.monotonic, count: 0 };
    this.writePayload(FrameKind.header, encodePayload({ version: FORMAT_VERSION, ...header }), range);
  }

  writeEvents(block: RawEventBlock): void {
    this.writePayload(FrameKind.events, encodePayload(block), block, this.compress);
  }

  /** What the host's processes and sockets were at `time` (monotonic). */
  writeSnapshot(time: bigint, state: StateSnapshot): void {
    const payload = encodePayload({ time, processes: state.processes, sockets: state.sockets.map(storedSocket) });
    this.writePayload(FrameKind.snapshot, payload, { firstTime: time, lastTime: time, count: 0 }, this.compress);
  }

  writeLoss(loss: LossRecord): void {
    this.writePayload(FrameKind.loss, encodePayload(loss), { firstTime: loss.from, lastTime: loss.to, count: 0 });
  }

  writeClock(pair: ClockPair): void {
    const range = { firstTime: pair.monotonic, lastTime: pair.monotonic, count: 0 };
    this.writePayload(FrameKind.clock, encodePayload(pair), range);
  }

  writeThirdPartySpans(spans: ThirdPartySpans): void {
    this.writePayload(FrameKind.thirdPartySpans, encodePayload(spans), NO_RANGE, this.compress);
  }

  writeAnnotation(annotation: Annotation): void {
    const range = { firstTime: annotation.time, lastTime: annotation.time, count: 0 };
    this.writePayload(FrameKind.annotation, encodePayload(annotation), range);
  }

  writeTags(tags: TagsRecord): void {
    const range = { firstTime: tags.time, lastTime: tags.time, count: 0 };
    this.writePayload(FrameKind.tags, encodePayload(tags), range, this.compress);
  }

  /**
   * Writes a frame whose payload the caller has encoded (`encodePayload`), and compressed if `encoding` says so: for
   * compressing on another thread, and for kinds that have no method here.
   */
  writeFrame(
    kind: number,
    stored: Uint8Array,
    encoding: Encoding = Encoding.plain,
    range: FrameRange = NO_RANGE,
  ): void {
    if (this.offset === 0) throw new Error('a section begins with its header');
    if (stored.length > MAX_PAYLOAD_BYTES) throw new Error(`a payload of ${stored.length} bytes is too large`);
    const { firstTime, lastTime, count } = range;
    this.frames.push({ offset: this.offset, kind, firstTime, lastTime, count });
    const frame = new Uint8Array(FRAME_HEAD_BYTES + stored.length);
    const view = new DataView(frame.buffer);
    view.setUint8(0, 0x94);
    view.setUint8(1, kind);
    view.setUint8(2, 0xce);
    view.setUint32(3, this.codec.crc32(stored));
    view.setUint8(7, encoding);
    view.setUint8(8, 0xc6);
    view.setUint32(9, stored.length);
    frame.set(stored, FRAME_HEAD_BYTES);
    this.emit(frame);
  }

  /** Writes the index. Only annotations may follow. */
  end(): void {
    const frames = this.frames.map((f) => [integer(f.offset), f.kind, f.firstTime, f.lastTime, f.count]);
    this.writeFrame(FrameKind.index, encodePayload({ frames }));
  }

  private writePayload(kind: FrameKind, payload: Uint8Array, range: FrameRange, compress = false): void {
    const gzipped = compress ? this.codec.gzip(payload) : payload;
    if (gzipped.length < payload.length) this.writeFrame(kind, gzipped, Encoding.gzip, range);
    else this.writeFrame(kind, payload, Encoding.plain, range);
  }

  private emit(bytes: Uint8Array): void {
    this.offset += bytes.length;
    this.sink(bytes);
  }
}

/** msgpackr would write a number beyond 32 bits as a float. */
function integer(value: number): number | bigint {
  return value > 0xffffffff ? BigInt(value) : value;
}

function storedSocket({ local, remote, preexisting: _, ...rest }: StateSnapshot['sockets'][number]): StoredSocket {
  return {
    ...rest,
    localAddress: local.address,
    localPort: local.port,
    remoteAddress: remote.address,
    remotePort: remote.port,
  };
}
