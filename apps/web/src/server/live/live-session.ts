import type { LiveFromServer } from '@causeway/replay';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { errorCode, messageOf } from '../plain-error';
import { LiveFile } from './live-file';
import type { LiveRegistry } from './live-registry';

/** How often at most the row of a capture is looked at while bytes come. */
const TOUCH_EVERY_MS = 5_000;
/** WebSocket's "policy violation": the agent should not just try again. */
const REFUSED = 1008;

const helloSchema = z.object({
  type: z.literal('hello'),
  protocol: z.literal(1),
  captureId: z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  name: z.string().trim().min(1).max(200),
  hostName: z.string().max(300),
});
const endSchema = z.object({ type: z.literal('end'), length: z.number().int().min(0) });
const messageSchema = z.discriminatedUnion('type', [helloSchema, endSchema]);

export interface LiveSessionOptions {
  readonly socket: WebSocket;
  readonly registry: LiveRegistry;
  /** Called with the capture's id once known, before its file is opened: ends an older connection of the same agent. */
  takeOver(captureId: string, session: LiveSession): Promise<void>;
  onClosed(session: LiveSession): void;
}

/**
 * One connection of an agent. States: waiting for `hello` → receiving bytes → ended; a break at any point leaves the file
 * as it is, and the next connection goes on from its length. Messages are handled strictly one after the other.
 */
export class LiveSession {
  captureId: string | undefined;
  #file: LiveFile | undefined;
  #queue: Promise<void> = Promise.resolve();
  #lastTouch = Date.now();
  readonly closed: Promise<void>;

  constructor(private readonly options: LiveSessionOptions) {
    const { socket } = options;
    socket.on('message', (data, binary) => {
      const bytes = Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
      // The common case needs no turn in the queue: it is empty once `hello` was answered.
      this.#queue = this.#queue
        .then(() => (binary ? this.#bytes(bytes) : this.#message(bytes)))
        .catch((error) => this.#fail(error));
    });
    socket.on('error', () => socket.terminate());
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        void this.#queue
          .then(() => this.#file?.close())
          .catch(() => undefined)
          .then(() => {
            options.onClosed(this);
            resolve();
          });
      });
    });
  }

  /** Ends the connection for good and waits until nothing is written any more. */
  async refuse(reason: string): Promise<void> {
    this.#send({ type: 'refused', reason });
    this.options.socket.close(REFUSED);
    const force = setTimeout(() => this.options.socket.terminate(), 1_000);
    await this.closed;
    clearTimeout(force);
  }

  /** Breaks the connection: the agent has a newer one, or the server ends and the agent will come back. */
  async break(): Promise<void> {
    this.options.socket.terminate();
    await this.closed;
  }

  async #message(bytes: Buffer): Promise<void> {
    const parsed = messageSchema.safeParse(parseJson(bytes));
    if (!parsed.success)
      return this.#refuseSoon('The agent speaks another version of the live protocol: update one of the two.');
    if (parsed.data.type === 'hello') await this.#hello(parsed.data);
    else await this.#end(parsed.data.length);
  }

  async #hello({ captureId, name }: z.infer<typeof helloSchema>): Promise<void> {
    if (this.captureId !== undefined) return this.#refuseSoon('One connection carries one capture.');
    this.captureId = captureId;
    await this.options.takeOver(captureId, this);
    const begun = await this.options.registry.begin({ captureId, name });
    if ('refused' in begun) return this.#refuseSoon(begun.refused);
    this.#file = await LiveFile.open(begun.file, {
      onDurable: (durableOffset) => this.#send({ type: 'ack', durableOffset }),
      onPressure: (high) => (high ? this.options.socket.pause() : this.options.socket.resume()),
      onFailure: (error) => this.#fail(error),
    });
    this.#send({ type: 'resume', durableOffset: this.#file.durableOffset });
  }

  async #bytes(bytes: Buffer): Promise<void> {
    if (this.#file === undefined) return this.#refuseSoon('Bytes came before the hello.');
    this.#file.append(bytes);
    if (this.captureId !== undefined && Date.now() - this.#lastTouch > TOUCH_EVERY_MS) {
      this.#lastTouch = Date.now();
      await this.options.registry.touch(this.captureId);
    }
  }

  async #end(length: number): Promise<void> {
    const file = this.#file;
    if (file === undefined || this.captureId === undefined) return this.#refuseSoon('The end came before the hello.');
    await file.settle();
    if (file.durableOffset !== length) {
      return this.#refuseSoon(`The capture should be ${length} bytes long, and ${file.durableOffset} have arrived.`);
    }
    await this.options.registry.complete(this.captureId, length);
    this.#send({ type: 'done' });
    this.options.socket.close(1000);
  }

  #fail(error: unknown): void {
    const full = errorCode(error) === 'ENOSPC';
    console.error(`Live capture ${this.captureId ?? '(unknown)'}: ${messageOf(error)}`);
    if (full) this.#refuseSoon('The disk of the server is full: make room there, then start again.');
    // Anything else may pass, e.g. a database that is restarting: the agent comes back and goes on.
    else this.options.socket.close(1011);
  }

  /** Without waiting, because it is called from the very queue that closing waits for. */
  #refuseSoon(reason: string): void {
    void this.refuse(reason);
  }

  #send(message: LiveFromServer): void {
    if (this.options.socket.readyState === this.options.socket.OPEN) this.options.socket.send(JSON.stringify(message));
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
