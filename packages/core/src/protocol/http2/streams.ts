import type { MutableFields } from '../protocol-parser';

/** Streams that are remembered at once; the oldest beyond are forgotten. Servers allow 100 to 1000 at a time. */
const MAX_STREAMS = 4096;

/** What is remembered of a stream from its first frame until both sides have ended it. */
export interface Stream {
  readonly id: number;
  /** Of the request, or of the promise that a push answers. */
  request: MutableFields | undefined;
  /** Of the response; a push is one with the promise. */
  response: MutableFields | undefined;
  grpc: boolean;
  /** Headers of it were not seen, so what it is may have been among them. */
  hasGaps: boolean;
  requestEnded: boolean;
  responseEnded: boolean;
  /** Was reset: what still comes was on its way before the other side knew. */
  reset: boolean;
}

export class Streams {
  private readonly byId = new Map<number, Stream>();

  get(id: number): Stream | undefined {
    return this.byId.get(id);
  }

  /** The stream of this id, from now on if it was not there. */
  open(id: number): Stream {
    const known = this.byId.get(id);
    if (known !== undefined) return known;
    const stream: Stream = {
      id,
      request: undefined,
      response: undefined,
      grpc: false,
      hasGaps: false,
      requestEnded: false,
      responseEnded: false,
      reset: false,
    };
    this.byId.set(id, stream);
    if (this.byId.size > MAX_STREAMS) {
      for (const oldest of this.byId.keys()) {
        this.byId.delete(oldest);
        break;
      }
    }
    return stream;
  }

  /** One side has sent its last. */
  end(stream: Stream, fromClient: boolean): void {
    if (fromClient) stream.requestEnded = true;
    else stream.responseEnded = true;
    const { requestEnded, responseEnded, request } = stream;
    // Of a request that was not seen, the end may have been missed as well.
    if (responseEnded && (requestEnded || request === undefined)) this.byId.delete(stream.id);
  }

  forget(stream: Stream): void {
    this.byId.delete(stream.id);
  }

  /** Requests above `last` to which no response has begun. */
  unanswered(last: number): readonly Stream[] {
    return [...this.byId.values()].filter(
      ({ id, request, response, reset }) =>
        id > last && id % 2 === 1 && request !== undefined && response === undefined && !reset,
    );
  }
}
