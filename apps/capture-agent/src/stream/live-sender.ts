import { LIVE_PATH, type LiveFromAgent, type LiveFromServer, type LiveHello } from '@causeway/replay';
import { WebSocket } from 'ws';
import type { Spool } from './spool';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
const CHUNK_BYTES = 256 * 1024;
/** Bytes handed to the socket and not on the wire yet, above which we wait. */
const MAX_BUFFERED_BYTES = 2 * 1024 * 1024;
/** A connection that says nothing for this long, though pinged, is dead. */
const SILENCE_MS = 15_000;
const PING_MS = 5_000;

export interface LiveSenderOptions {
  /** Of the workbench, e.g. `http://127.0.0.1:3000`. */
  readonly url: URL;
  readonly token?: string;
  readonly hello: Omit<LiveHello, 'type' | 'protocol'>;
  readonly spool: Spool;
  /** The first wait before connecting again, milliseconds; doubled at each failure up to 20 times that. */
  readonly firstWaitMs?: number;
}

/** `connecting` includes the waits between attempts. */
export type LiveState = 'connecting' | 'connected' | 'done' | 'refused';

/**
 * Sends a spool to the server and keeps on doing so over any break: each connection begins with `hello`, goes on from
 * the offset the server holds, and frees what it acknowledges. See `live-protocol.ts`.
 */
export class LiveSender {
  state: LiveState = 'connecting';
  /** Why the state is `refused`, or why the last connection failed: one sentence. */
  problem: string | undefined;
  /** Bytes the server holds on disk. */
  acknowledged = 0;
  /** Resolves when the server has all of it, or will not take it. */
  readonly settled: Promise<'done' | 'refused'>;

  private readonly settle: (state: 'done' | 'refused') => void;
  private socket: WebSocket | undefined;
  private cursor: number | undefined;
  private length: number | undefined;
  private endSent = false;
  private failures = 0;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;

  /** Connects at once. */
  constructor(private readonly options: LiveSenderOptions) {
    let settle: (state: 'done' | 'refused') => void = () => {};
    this.settled = new Promise((resolve) => {
      settle = resolve;
    });
    this.settle = settle;
    this.connect();
  }

  /** The spool has grown. */
  notify(): void {
    this.pump();
  }

  /** The spool will not grow any more: when all of it is sent, the capture is told to be complete. */
  finish(): void {
    this.length = this.options.spool.end;
    this.pump();
  }

  /** Lets go of the connection; the spool stays as it is. */
  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    this.socket?.terminate();
  }

  private connect(): void {
    const { url, token } = this.options;
    const address = new URL(LIVE_PATH, url);
    address.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const socket = new WebSocket(address, { headers, handshakeTimeout: SILENCE_MS, perMessageDeflate: false });
    this.socket = socket;
    this.cursor = undefined;
    this.endSent = false;
    const watch = watchSilence(socket);
    socket.on('open', () => this.send({ type: 'hello', protocol: 1, ...this.options.hello }));
    socket.on('message', (data, isBinary) => {
      if (!isBinary) this.receive(String(data));
    });
    socket.on('unexpected-response', (_request, response) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      if (status === 401 || status === 403) {
        this.refuse('The server wants an access token, or another one: give it with --token or CAUSEWAY_TOKEN.');
      } else if (status === 404) {
        this.refuse(`There is no Causeway workbench at ${url.origin}: check the address.`);
      } else {
        this.problem = `The server answered with status ${status}.`;
      }
      socket.terminate();
    });
    socket.on('error', (error) => {
      this.problem = `${url.origin} cannot be reached (${error.message}).`;
    });
    socket.once('close', () => {
      clearInterval(watch);
      this.reconnect();
    });
  }

  private reconnect(): void {
    if (this.closed || this.state === 'done' || this.state === 'refused') return;
    this.state = 'connecting';
    const first = this.options.firstWaitMs ?? FIRST_WAIT_MS;
    const wait = Math.min(first * 2 ** this.failures, (first / FIRST_WAIT_MS) * LONGEST_WAIT_MS);
    this.failures += 1;
    // Agents that lost the same server do not come back all at once.
    this.retry = setTimeout(() => this.connect(), wait * (0.75 + Math.random() / 2));
  }

  private receive(text: string): void {
    const message = parseMessage(text);
    if (message === undefined) {
      this.problem = 'The server sent a message that is not part of the protocol.';
      this.socket?.terminate();
      return;
    }
    const { spool } = this.options;
    switch (message.type) {
      case 'resume':
        if (message.durableOffset < spool.start || message.durableOffset > spool.end) {
          this.refuse(
            `The server holds ${message.durableOffset} bytes of this capture, but bytes ${spool.start} to ${spool.end} are here: begin a new one.`,
          );
          return;
        }
        this.failures = 0;
        this.state = 'connected';
        this.problem = undefined;
        this.cursor = message.durableOffset;
        this.acknowledge(message.durableOffset);
        this.pump();
        return;
      case 'ack':
        this.acknowledge(message.durableOffset);
        return;
      case 'done':
        this.end('done');
        return;
      case 'refused':
        this.refuse(message.reason);
        return;
    }
  }

  private acknowledge(offset: number): void {
    this.acknowledged = Math.max(this.acknowledged, offset);
    this.options.spool.release(offset);
  }

  private pump(): void {
    const { socket, options } = this;
    if (this.cursor === undefined || socket?.readyState !== WebSocket.OPEN) return;
    while (this.cursor < options.spool.end && socket.bufferedAmount < MAX_BUFFERED_BYTES) {
      const bytes = options.spool.read(this.cursor, CHUNK_BYTES);
      this.cursor += bytes.length;
      socket.send(bytes, () => this.pump());
    }
    if (this.length !== undefined && this.cursor === this.length && !this.endSent) {
      this.endSent = true;
      this.send({ type: 'end', length: this.length });
    }
  }

  private send(message: LiveFromAgent): void {
    this.socket?.send(JSON.stringify(message));
  }

  private refuse(reason: string): void {
    this.problem = reason;
    this.end('refused');
  }

  private end(state: 'done' | 'refused'): void {
    if (this.state === 'done' || this.state === 'refused') return;
    this.state = state;
    this.socket?.close();
    this.settle(state);
  }
}

function watchSilence(socket: WebSocket): NodeJS.Timeout {
  let heard = performance.now();
  const hear = () => {
    heard = performance.now();
  };
  socket.on('open', hear).on('message', hear).on('pong', hear);
  return setInterval(() => {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (performance.now() - heard > SILENCE_MS) socket.terminate();
    else socket.ping();
  }, PING_MS);
}

/** `undefined` = not a message of the protocol. */
function parseMessage(text: string): LiveFromServer | undefined {
  try {
    const message = JSON.parse(text) as Partial<LiveFromServer>;
    switch (message.type) {
      case 'resume':
      case 'ack':
        return Number.isSafeInteger(message.durableOffset) ? (message as LiveFromServer) : undefined;
      case 'refused':
        return typeof message.reason === 'string' ? (message as LiveFromServer) : undefined;
      case 'done':
        return { type: 'done' };
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}
