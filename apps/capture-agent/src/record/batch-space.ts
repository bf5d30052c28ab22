import { RAW_EVENT_BYTES, RawEvents, type RecordBatch } from './raw-event';

/** Records that fit into a space, if they have little payload. */
export const SPACE_HEADS = 1024;
export const SPACE_PAYLOAD_BYTES = 512 * 1024;
const HEADS_BYTES = SPACE_HEADS * RAW_EVENT_BYTES;

/** Memory in which the reader of the ring delivers batches, used again and again. */
export class BatchSpace {
  readonly memory = new ArrayBuffer(HEADS_BYTES + SPACE_PAYLOAD_BYTES);
  private readonly heads = new RawEvents(this.memory);

  batch(count: number, payloadBytes: number): RecordBatch {
    return { heads: this.heads, count, payload: new Uint8Array(this.memory, HEADS_BYTES, payloadBytes) };
  }
}
