import { randomBytes } from 'node:crypto';
import { CaptureWriter, madeUpHeader, type ReportedBatch, splitForFrames } from '@causeway/replay';
import { nodeCodec } from '@causeway/replay/node';
import { ApiFailure } from '../../api/failure';
import type { LiveConnections } from '../api/services';
import { LiveFile } from '../live/live-file';
import type { LiveRegistry } from '../live/live-registry';

/** A clock frame shows the followers of the file that it is still being written, and that a day may have ended. */
const BEAT_EVERY_MS = 5 * 60_000;
const MINUTE = 'YYYY-MM-DDTHH:MM'.length;
const DAY = 'YYYY-MM-DD'.length;

/** Spans that applications send. They go into one growing capture a day, like those of an agent (ADR 4). */
export interface OtlpReceiver extends LiveConnections {
  /** Resolves when the spans are on disk. @throws what kept them from it */
  receive(batch: ReportedBatch): Promise<void>;
  /** Ends the capture properly. Nothing may be received afterwards. */
  close(): Promise<void>;
}

interface Growing {
  readonly captureId: string;
  readonly day: string;
  readonly file: LiveFile;
  readonly writer: CaptureWriter;
  failure: unknown;
}

/** `now`: milliseconds since the epoch. */
export function createOtlpReceiver(registry: LiveRegistry, now: () => number = Date.now): OtlpReceiver {
  let growing: Promise<Growing> | undefined;
  /** Of the capture that is growing, for those who ask without waiting. */
  let captureId: string | undefined;
  let closed = false;
  const timestamp = (length: number) => new Date(now()).toISOString().slice(0, length);

  async function begin(): Promise<Growing> {
    const header = madeUpHeader(randomBytes(16).toString('hex'), BigInt(now()) * 1_000_000n, 0);
    const name = `OTLP received ${timestamp(MINUTE).replace('T', ' ')} UTC`;
    const begun = await registry.begin({ captureId: header.captureId, name });
    if ('refused' in begun) throw new Error(begun.refused);
    const file = await LiveFile.open(begun.file, {
      onDurable: () => undefined,
      onPressure: () => undefined,
      onFailure: (error) => {
        made.failure = error;
      },
    });
    const writer = new CaptureWriter((bytes) => file.append(bytes), { codec: nodeCodec, compress: true });
    const made: Growing = { captureId: header.captureId, day: timestamp(DAY), file, writer, failure: undefined };
    writer.writeHeader(header);
    captureId = made.captureId;
    return made;
  }

  /** Forgets the capture, so that the next spans begin another. */
  async function leave(write: (made: Growing) => void): Promise<Growing | undefined> {
    const leaving = growing;
    growing = undefined;
    captureId = undefined;
    const made = await leaving?.catch(() => undefined);
    if (made === undefined) return undefined;
    write(made);
    await made.file.close();
    return made;
  }

  async function finish(): Promise<void> {
    const made = await leave(({ writer }) => writer.end());
    if (made !== undefined && made.failure === undefined)
      await registry.complete(made.captureId, made.file.durableOffset);
  }

  async function current(): Promise<Growing> {
    const before = await growing?.catch(() => undefined);
    if (before !== undefined && before.day !== timestamp(DAY)) await finish();
    if (growing === undefined) {
      const beginning = begin();
      growing = beginning;
      // What failed is told to whoever waited for it; the next one tries again.
      beginning.catch(() => {
        if (growing === beginning) growing = undefined;
      });
    }
    return growing;
  }

  async function beat(): Promise<void> {
    const made = await growing;
    if (made === undefined) return;
    if (made.day !== timestamp(DAY)) return finish();
    const time = BigInt(now()) * 1_000_000n;
    made.writer.writeClock({ monotonic: time, realtime: time });
  }
  const beating = setInterval(() => void beat().catch(() => undefined), BEAT_EVERY_MS);

  return {
    async receive({ resourceSpans }) {
      const frames = [...splitForFrames(resourceSpans)];
      if (frames.length === 0) return;
      if (closed) throw new ApiFailure(503, 'closing', 'The server is being stopped: send these spans again later.');
      const made = await current();
      for (const frame of frames) made.writer.writeThirdPartySpans(frame);
      await made.file.settle();
      if (made.failure === undefined) return;
      // A frame may have been written in part: a new capture is better than one with a hole.
      await leave(() => undefined);
      throw made.failure;
    },
    isConnected: (id) => id === captureId,
    async drop(id) {
      if (id === captureId) await leave(() => undefined);
    },
    async close() {
      closed = true;
      clearInterval(beating);
      await finish();
    },
  };
}
