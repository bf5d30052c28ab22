import type { HostId } from '@causeway/core';
import { Encoding, FORMAT_VERSION, FrameKind, MAGIC, MAX_PAYLOAD_BYTES } from './capture-format';
import type { CaptureProblem } from './capture-problem';
import { ColumnarBlock } from './columnar-block';
import { recogniseForeign } from './foreign-format';
import { type FrameCodec, portableCodec } from './frame-codec';
import { FrameScanner, type ScannedFrame, type ScannedPiece } from './frame-scanner';
import { KnownSockets } from './known-sockets';
import { BadPayload, decodePayload, type PayloadMap } from './payload-decoding';
import {
  parseAnnotation,
  parseClock,
  parseEvents,
  parseHeader,
  parseIndex,
  parseLoss,
  parseSnapshot,
  parseTags,
} from './payload-parsing';
import type {
  Annotation,
  CaptureHeader,
  ClockPair,
  IndexEntry,
  LossRecord,
  SnapshotRecord,
  TagsRecord,
  ThirdPartySpans,
} from './payloads';
import { parseThirdPartySpans } from './third-party-parsing';

/** What a frame holds. `unknown`: a kind that this version does not read. */
export type FrameContent =
  | { readonly kind: 'header'; readonly header: CaptureHeader; readonly sectionOffset: number }
  | { readonly kind: 'events'; readonly block: ColumnarBlock }
  | { readonly kind: 'snapshot'; readonly snapshot: SnapshotRecord }
  | { readonly kind: 'loss'; readonly loss: LossRecord }
  | { readonly kind: 'clock'; readonly clock: ClockPair }
  | { readonly kind: 'thirdPartySpans'; readonly spans: ThirdPartySpans }
  | { readonly kind: 'annotation'; readonly annotation: Annotation }
  | { readonly kind: 'tags'; readonly tags: TagsRecord }
  | { readonly kind: 'index'; readonly frames: readonly IndexEntry[] }
  | { readonly kind: 'unknown'; readonly frameKind: number };

/** One frame, or a problem. */
export type CaptureItem = (FrameContent | { readonly kind: 'damage'; readonly problem: CaptureProblem }) & {
  /** The byte range it takes up, `to` exclusive, from the start of the stream. */
  readonly from: number;
  readonly to: number;
  /** Of the section's header; UNKNOWN_HOST where that was lost. */
  readonly hostId: HostId;
};

/** Host of events whose header was lost. */
export const UNKNOWN_HOST = 'unknown' as HostId;

/** A file that shows neither magic nor frame in its first bytes is no capture. */
const MAX_BYTES_BEFORE_START = 64 * 1024;
/** As many of the first bytes are kept to tell what the file is instead. */
const KEPT_HEAD_BYTES = 512;

/**
 * Reads a capture as a stream, in chunks of any size, with memory for one frame. It never throws on bad bytes: each
 * problem is an item of its own, at most one for each damaged stretch, and reading goes on behind it.
 */
export class CaptureReader {
  private readonly scanner: FrameScanner;
  private head: Uint8Array = new Uint8Array(0);
  private received = 0;
  private started = false;
  private refused = false;
  private hostId = UNKNOWN_HOST;
  private sectionOffset = 0;
  private knownSockets = new KnownSockets();
  private nextOrdinal = 0;
  private section: 'open' | 'ended' | 'damaged' | 'skipped' = 'ended';

  constructor(private readonly codec: FrameCodec = portableCodec) {
    this.scanner = new FrameScanner(codec);
  }

  /** Items that end within what has arrived. Exhaust the iterator before the next call; leave `chunk` alone afterwards. */
  *push(chunk: Uint8Array): Generator<CaptureItem> {
    if (this.refused || chunk.length === 0) return;
    if (this.head.length < KEPT_HEAD_BYTES) this.keepHead(chunk);
    this.received += chunk.length;
    yield* this.readAll(this.scanner.push(chunk));
    if (!this.started && this.scanner.position > MAX_BYTES_BEFORE_START) yield* this.refuse();
  }

  /** What is left when the bytes have come to their end, and whether that end is a proper one. */
  *end(): Generator<CaptureItem> {
    if (this.received === 0) {
      yield this.damage(0, 0, { kind: 'empty' });
      return;
    }
    if (!this.refused) yield* this.readAll(this.scanner.end());
    if (!this.started) yield* this.refuse();
    if (!this.refused) yield* this.closeSection(this.received);
  }

  private keepHead(chunk: Uint8Array): void {
    const kept = new Uint8Array(Math.min(KEPT_HEAD_BYTES, this.head.length + chunk.length));
    kept.set(this.head);
    kept.set(chunk.subarray(0, kept.length - this.head.length), this.head.length);
    this.head = kept;
  }

  private *refuse(): Generator<CaptureItem> {
    if (this.refused) return;
    this.refused = true;
    const looksLike = recogniseForeign(this.head);
    yield this.damage(0, 0, { kind: 'not-a-capture', ...(looksLike && { looksLike }) });
  }

  private *readAll(pieces: Iterable<ScannedPiece>): Generator<CaptureItem> {
    for (const piece of pieces) {
      if (!this.started) yield* this.start(piece);
      if (this.refused) return;
      if (this.started) yield* this.read(piece);
    }
  }

  /** The first magic or frame makes it a capture; what was before it is damage. */
  private *start(piece: ScannedPiece): Generator<CaptureItem> {
    const { from, to } = piece;
    if (piece.kind === 'garbage') {
      this.started = piece.cut && from === 0 && to < MAGIC.length;
      return;
    }
    if (from > MAX_BYTES_BEFORE_START) {
      yield* this.refuse();
      return;
    }
    this.started = true;
    if (from > 0) yield this.damage(0, from, { kind: 'corrupt', from: 0, to: from, reason: { kind: 'frame' } });
  }

  private *read(piece: ScannedPiece): Generator<CaptureItem> {
    const { from, to } = piece;
    if (piece.kind === 'magic') {
      yield* this.closeSection(from);
      this.openSection(from);
    } else if (piece.kind === 'garbage') {
      const reason = { kind: 'frame' } as const;
      yield this.damage(from, to, piece.cut ? { kind: 'truncated', from, to } : { kind: 'corrupt', from, to, reason });
    } else if (this.section !== 'skipped' || piece.frameKind === FrameKind.header) {
      yield this.readFrame(piece);
    }
  }

  private openSection(from: number): void {
    this.section = 'open';
    this.sectionOffset = from;
    this.hostId = UNKNOWN_HOST;
    this.knownSockets = new KnownSockets();
  }

  /** A section that was neither ended nor damaged is cut, between two frames. */
  private *closeSection(at: number): Generator<CaptureItem> {
    if (this.section === 'open') yield this.damage(at, at, { kind: 'truncated', from: at, to: at });
  }

  private damage(from: number, to: number, problem: CaptureProblem): CaptureItem {
    if (this.section !== 'skipped') this.section = 'damaged';
    return { kind: 'damage', from, to, hostId: this.hostId, problem };
  }

  private readFrame(frame: ScannedFrame): CaptureItem {
    const { from, to } = frame;
    try {
      const content = this.content(frame);
      return { ...content, from, to, hostId: this.hostId };
    } catch (error) {
      if (error instanceof UnknownVersion) {
        this.section = 'skipped';
        return this.damage(from, to, { kind: 'unknown-version', version: error.version });
      }
      if (!(error instanceof BadPayload)) throw error;
      return this.damage(from, to, { kind: 'corrupt', from, to, reason: { kind: 'payload', detail: error.message } });
    }
  }

  private content(frame: ScannedFrame): FrameContent {
    const { frameKind, from } = frame;
    switch (frameKind) {
      case FrameKind.header:
        return this.header(this.decode(frame), from);
      case FrameKind.events: {
        const block = new ColumnarBlock(
          parseEvents(this.decode(frame)),
          this.hostId,
          this.nextOrdinal,
          this.knownSockets,
        );
        this.nextOrdinal += block.count;
        return { kind: 'events', block };
      }
      case FrameKind.snapshot:
        return { kind: 'snapshot', snapshot: parseSnapshot(this.decode(frame)) };
      case FrameKind.loss:
        return { kind: 'loss', loss: parseLoss(this.decode(frame)) };
      case FrameKind.clock:
        return { kind: 'clock', clock: parseClock(this.decode(frame)) };
      case FrameKind.thirdPartySpans:
        return { kind: 'thirdPartySpans', spans: parseThirdPartySpans(this.decode(frame)) };
      case FrameKind.annotation:
        return { kind: 'annotation', annotation: parseAnnotation(this.decode(frame)) };
      case FrameKind.tags:
        return { kind: 'tags', tags: parseTags(this.decode(frame)) };
      case FrameKind.index: {
        const frames = parseIndex(this.decode(frame));
        if (this.section === 'open') this.section = 'ended';
        return { kind: 'index', frames };
      }
      default:
        return { kind: 'unknown', frameKind };
    }
  }

  private header(map: PayloadMap, from: number): FrameContent {
    const { version } = map;
    if (typeof version === 'number' && version > FORMAT_VERSION) throw new UnknownVersion(version);
    const header = parseHeader(map);
    if (header.version < 1) throw new BadPayload(`there is no format version ${header.version}`);
    // The magic before it was damaged when it does not stand right behind one.
    if (from !== this.sectionOffset + MAGIC.length || this.section === 'skipped')
      this.openSection(Math.max(0, from - MAGIC.length));
    this.hostId = header.hostId;
    return { kind: 'header', header, sectionOffset: this.sectionOffset };
  }

  private decode({ encoding, stored }: ScannedFrame): PayloadMap {
    if (encoding === Encoding.plain) return decodePayload(stored);
    const inflated = this.codec.gunzip(stored, MAX_PAYLOAD_BYTES);
    if (inflated === undefined) throw new BadPayload('its compressed payload is broken or larger than 64 MiB');
    return decodePayload(inflated);
  }
}

class UnknownVersion extends Error {
  constructor(readonly version: number) {
    super();
  }
}
