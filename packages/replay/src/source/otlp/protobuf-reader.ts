import { ByteQueue } from '../../format/byte-queue';
import { decodeProtobufTraces } from './decode-protobuf';
import type { OtlpPiece, OtlpReader } from './otlp-piece';

/** A message that claims more is taken as damage. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const MAX_VARINT_BYTES = 10;
const RESOURCE_SPANS_TAG = 0x0a;
const PREFIX_BYTES = 4;

/** How long the head of a message is, and all of it; `short` = more bytes are needed to tell. */
type Extent = { readonly head: number; readonly length: number } | 'short' | 'bad';

/**
 * Protobuf in a file, message by message: `prefixed` = each behind its length in four bytes, big endian, as the collector's
 * file exporter writes them; else one request, whose `ResourceSpans` are taken one at a time. Nothing tells where a
 * message begins once one is broken, so reading ends there.
 */
export class ProtobufReader implements OtlpReader {
  private readonly queue = new ByteQueue();
  private broken = false;

  constructor(private readonly prefixed: boolean) {}

  *push(chunk: Uint8Array): Generator<OtlpPiece> {
    if (this.broken) return;
    const { queue } = this;
    queue.append(chunk);
    while (queue.length > 0) {
      const extent = this.prefixed ? this.prefixedExtent() : this.fieldExtent();
      if (extent === 'short' || (extent !== 'bad' && queue.length < extent.head + extent.length)) return;
      const from = queue.position;
      // Of a plain request the field's head stays: a piece of it is a request of its own.
      const batch = extent === 'bad' ? undefined : decodeProtobufTraces(this.message(extent));
      if (extent === 'bad' || batch === undefined) {
        this.broken = true;
        return;
      }
      const length = extent.head + extent.length;
      queue.drop(length);
      yield { kind: 'batch', batch, from, to: from + length };
    }
  }

  *end(): Generator<OtlpPiece> {
    const { position: from, length } = this.queue;
    if (length === 0) return;
    yield { kind: 'bad', from, to: from + length, cut: !this.broken, detail: 'it is no OTLP protobuf' };
  }

  private message({ head, length }: Exclude<Extent, string>): Uint8Array {
    return this.queue.peek(this.prefixed ? head : 0, head + length);
  }

  private prefixedExtent(): Extent {
    const { queue } = this;
    if (queue.length < PREFIX_BYTES) return 'short';
    const length = queue.uint32(0);
    return length > MAX_MESSAGE_BYTES ? 'bad' : { head: PREFIX_BYTES, length };
  }

  private fieldExtent(): Extent {
    const { queue } = this;
    if (queue.at(0) !== RESOURCE_SPANS_TAG) return 'bad';
    let length = 0;
    for (let i = 1; i <= MAX_VARINT_BYTES; i++) {
      if (i >= queue.length) return 'short';
      const byte = queue.at(i);
      length += (byte & 0x7f) * 2 ** (7 * (i - 1));
      if (byte < 0x80) return length > MAX_MESSAGE_BYTES ? 'bad' : { head: i + 1, length };
    }
    return 'bad';
  }
}
