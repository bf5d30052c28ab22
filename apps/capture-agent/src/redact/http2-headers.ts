import { FRAME_HEAD, FrameHead, FrameType, HpackDecoder, HTTP2_PREFACE } from '@causeway/core';
import { Http2Fields } from './http2-fields';
import type { NameSet } from './name-set';
import { MASK } from './named-values';

/** So much of the preface is unmistakable, if a call is cut. */
const ENOUGH_OF_PREFACE = 12;
const HEADER_FRAMES: readonly number[] = [FrameType.headers, FrameType.pushPromise, FrameType.continuation];
/** Of one length, and mostly on one stream: of the others a few bytes that happen to be small numbers could be the head. */
const STRICT_FRAMES: readonly number[] = [
  FrameType.priority,
  FrameType.rstStream,
  FrameType.settings,
  FrameType.ping,
  FrameType.windowUpdate,
];
const END_HEADERS = 0x4;
const PADDED = 0x8;

/** An HTTP/2 connection, by direction (`Direction` of core: 1 and 2). */
export type Http2Connection = readonly [unused: undefined, ingress: Http2Direction, egress: Http2Direction];

/** The connection that these bytes are of, if they are the preface, or frames of which one has a header block. */
export function recogniseHttp2(
  bytes: Uint8Array,
  from: number,
  to: number,
  names: NameSet,
): Http2Connection | undefined {
  // A frame of 64 KiB would have to be asked for; most other protocols are turned away here.
  const isOne = bytes[from] === 0 ? framesIn(bytes, from, to)?.haveHeaders : beginsWithPreface(bytes, from, to);
  return isOne ? [undefined, new Http2Direction(names), new Http2Direction(names)] : undefined;
}

/**
 * The frames of one direction (RFC 9113, section 4.1): follows them from call to call and masks in their header blocks. Where a
 * frame begins is known as long as the lengths are; when it is not, all is masked until a call begins with frames that cannot be
 * anything else.
 */
export class Http2Direction {
  private readonly fields: Http2Fields;
  private readonly head = new FrameHead();
  private readonly headBytes = new Uint8Array(FRAME_HEAD);
  private headLength = 0;
  /** Of the current frame: bytes before its header block, of that, and behind. Other frames are all before. */
  private before = 0;
  private block = 0;
  private behind = 0;
  private isHeaders = false;
  private inStep = false;

  constructor(names: NameSet) {
    this.fields = new Http2Fields(names);
  }

  /**
   * `unseen`: bytes of the call behind these that were not captured. `missing`: bytes before these of calls that were lost; infinite
   * when it is not known how many.
   */
  mask(bytes: Uint8Array, from: number, to: number, unseen: number, missing = 0): void {
    this.skip(missing);
    if (beginsWithPreface(bytes, from, to)) this.beginAnew(HTTP2_PREFACE.length);
    else if (!this.inStep && framesIn(bytes, from, to)?.areSure) this.beginAnew(0);
    let at = from;
    while (at < to && this.inStep) at = this.advance(bytes, at, to);
    bytes.fill(MASK, at, to);
    this.skip(unseen);
  }

  /** With so many bytes before the first frame. */
  private beginAnew(before: number): void {
    this.inStep = true;
    this.isHeaders = false;
    this.headLength = this.block = this.behind = 0;
    this.before = before;
    this.fields.lose();
    this.fields.endBlock();
  }

  /** Returns the place that was reached. */
  private advance(bytes: Uint8Array, at: number, to: number): number {
    const { before, block, behind } = this;
    if (before + block + behind === 0) {
      this.headBytes[this.headLength++] = bytes[at]!;
      if (this.headLength === FRAME_HEAD) this.beginFrame();
      return at + 1;
    }
    if (this.isHeaders && before > 0 && before === prefixOf(this.head)) this.learnPadding(bytes[at]!);
    const end = Math.min(to, at + (before || block || behind));
    if (before === 0 && block > 0) this.fields.feed(bytes, at, end);
    this.pass(end - at);
    return end;
  }

  private beginFrame(): void {
    const { head } = this;
    head.read(this.headBytes, 0);
    this.headLength = 0;
    this.inStep = isSound(head);
    this.isHeaders = HEADER_FRAMES.includes(head.type);
    this.before = this.isHeaders ? prefixOf(head) : head.length;
    this.block = this.isHeaders ? head.length - this.before : 0;
    this.pass(0);
  }

  /** The first byte of a padded frame says how many there are behind the block. */
  private learnPadding(byte: number): void {
    if (!this.head.has(PADDED)) return;
    this.behind = byte;
    this.block -= byte;
    if (this.block < 0) this.inStep = false;
  }

  /** Bytes of the current frame went by: at most what is left of it. */
  private pass(count: number): void {
    const before = Math.min(count, this.before);
    const block = Math.min(count - before, this.block);
    this.before -= before;
    this.block -= block;
    this.behind -= count - before - block;
    const over = this.before + this.block + this.behind === 0;
    if (over && this.isHeaders && this.head.has(END_HEADERS)) this.fields.endBlock();
  }

  private skip(unseen: number): void {
    if (unseen === 0 || !this.inStep) return;
    // Where the next frame begins is not known, nor how long the padding is that was not read.
    const blind = unseen > this.before + this.block + this.behind || (this.isHeaders && this.before > 0);
    if (blind) {
      this.inStep = false;
      return;
    }
    if (unseen > this.before && this.block > 0) this.fields.lose();
    this.pass(unseen);
  }
}

/** A CONTINUATION has none. */
function prefixOf(head: FrameHead): number {
  return head.type === FrameType.continuation ? 0 : head.prefix;
}

function isSound(head: FrameHead): boolean {
  return !head.reserved && head.type <= FrameType.continuation && head.isSound;
}

function beginsWithPreface(bytes: Uint8Array, from: number, to: number): boolean {
  const length = Math.min(HTTP2_PREFACE.length, to - from);
  if (length < ENOUGH_OF_PREFACE) return false;
  for (let i = 0; i < length; i += 1) if (bytes[from + i] !== HTTP2_PREFACE[i]) return false;
  return true;
}

const scanned = new FrameHead();

interface Frames {
  /** One has a header block. */
  readonly haveHeaders: boolean;
  /** One is whole and of such a form that bytes which are something else would hardly have it. */
  readonly areSure: boolean;
}

/** What the bytes are if they are frames, one behind the other, of which the last may be cut. */
function framesIn(bytes: Uint8Array, from: number, to: number): Frames | undefined {
  let [haveHeaders, areSure] = [false, false];
  for (let at = from; at + FRAME_HEAD <= to; at += FRAME_HEAD + scanned.length) {
    if (!isSound(scanned.read(bytes, at))) return undefined;
    const end = at + FRAME_HEAD + scanned.length;
    if (scanned.type === FrameType.headers) {
      const whole = end <= to && scanned.has(END_HEADERS);
      if (whole && !holdsFields(bytes, at + FRAME_HEAD, end)) return undefined;
      haveHeaders = true;
      areSure ||= whole;
    } else {
      areSure ||= end <= to && STRICT_FRAMES.includes(scanned.type);
    }
  }
  return { haveHeaders, areSure };
}

/** The frame just scanned has a header block without a flaw. */
function holdsFields(bytes: Uint8Array, at: number, frameEnd: number): boolean {
  const end = frameEnd - (scanned.has(PADDED) ? bytes[at]! : 0);
  return new HpackDecoder().decode(bytes, at + prefixOf(scanned), end, { field: () => {} });
}
