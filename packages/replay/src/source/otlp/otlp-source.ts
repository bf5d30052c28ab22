import { Hash64, type HostId, type ReportedResourceSpans } from '@causeway/core';
import type { CaptureProblem } from '../../format/capture-problem';
import type { CaptureItem, FrameContent } from '../../format/capture-reader';
import type { ThirdPartySpans } from '../../format/payloads';
import { madeUpHeader } from '../made-up-header';
import { JsonReader } from './json-reader';
import type { OtlpPiece, OtlpReader } from './otlp-piece';
import { ProtobufReader } from './protobuf-reader';
import type { OtlpForm } from './recognise-otlp';
import { splitForFrames } from './split-for-frames';

/** Spans do not hold payload. */
const NO_PAYLOAD = 0;
/** Ids of as many spans name a file. */
const NAMED_BY = 1000;

/**
 * Turns an OTLP file into the items of a Causeway capture, so that whatever reads those reads application spans too. Used as
 * `CaptureReader` is: chunks of any size in, items out; bad bytes become `damage`. The header is made up: the host is the
 * file, known by its first message, and both clocks are the first span's.
 */
export class OtlpSource {
  private readonly reader: OtlpReader;
  private readonly problems: CaptureProblem[] = [];
  private hostId: HostId | undefined;
  private rejected = 0;
  private position = 0;

  constructor(form: OtlpForm) {
    this.reader = form === 'json' ? new JsonReader() : new ProtobufReader(form === 'length-prefixed');
  }

  /** Items that are complete. Exhaust the iterator before the next call; leave `chunk` alone afterwards. */
  *push(chunk: Uint8Array): Generator<CaptureItem> {
    for (const piece of this.reader.push(chunk)) yield* this.take(piece);
  }

  *end(): Generator<CaptureItem> {
    for (const piece of this.reader.end()) yield* this.take(piece);
    if (this.hostId === undefined) yield this.begin([]);
    if (this.rejected > 0) this.problems.push({ kind: 'rejected-spans', count: this.rejected });
    const { position, hostId } = this;
    for (const problem of this.problems) {
      yield { kind: 'damage', problem, from: position, to: position, hostId: hostId! };
    }
  }

  private *take(piece: OtlpPiece): Generator<CaptureItem> {
    const { from, to } = piece;
    this.position = to;
    if (piece.kind === 'bad') {
      const reason = { kind: 'payload', detail: piece.detail } as const;
      this.problems.push(piece.cut ? { kind: 'truncated', from, to } : { kind: 'corrupt', from, to, reason });
      return;
    }
    this.rejected += piece.batch.rejected;
    for (const spans of splitForFrames(piece.batch.resourceSpans)) {
      if (this.hostId === undefined) yield this.begin(spans.resourceSpans);
      yield this.item({ kind: 'thirdPartySpans', spans }, from, to);
    }
  }

  private begin(first: ThirdPartySpans['resourceSpans']): CaptureItem {
    const identity = identify(first);
    this.hostId = identity as HostId;
    const start = [...spansOf(first)].reduce(
      (least, { startTimeUnixNano: time }) => (least === 0n || time < least ? time : least),
      0n,
    );
    return this.item({ kind: 'header', header: madeUpHeader(identity, start, NO_PAYLOAD), sectionOffset: 0 }, 0, 0);
  }

  private item(content: FrameContent, from: number, to: number): CaptureItem {
    return { ...content, from, to, hostId: this.hostId! };
  }
}

function* spansOf(batches: readonly ReportedResourceSpans[]) {
  for (const { scopeSpans } of batches) for (const { spans } of scopeSpans) yield* spans;
}

/** 32 hex digits that tell this file from others: the same for the same spans. */
function identify(first: readonly ReportedResourceSpans[]): string {
  const hash = new Hash64();
  let left = NAMED_BY;
  for (const { traceId, spanId, startTimeUnixNano } of spansOf(first)) {
    if (left-- === 0) break;
    hash.addText(traceId).addText(spanId).addText(startTimeUnixNano.toString());
  }
  return hash.hex() + new Hash64(hash).add(1).hex();
}
