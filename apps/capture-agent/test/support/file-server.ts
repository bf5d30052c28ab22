import { appendFileSync, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LIVE_PATH, type LiveFromAgent, type LiveFromServer } from '@causeway/replay';
import { type WebSocket, WebSocketServer } from 'ws';

/** The server's side of the protocol on a file, as the workbench keeps it. */
export class FileServer {
  readonly hellos: LiveFromAgent[] = [];
  readonly authorizations: (string | undefined)[] = [];
  port = 0;
  private http: Server | undefined;
  private sockets: WebSocketServer | undefined;

  constructor(
    private readonly path: string,
    private readonly refusal?: string,
  ) {}

  get size(): number {
    return existsSync(this.path) ? statSync(this.path).size : 0;
  }

  async start(): Promise<void> {
    this.http = createServer((_request, response) => response.writeHead(426).end());
    this.sockets = new WebSocketServer({ server: this.http, path: LIVE_PATH });
    this.sockets.on('connection', (socket, request) => {
      this.authorizations.push(request.headers.authorization);
      this.serve(socket);
    });
    await new Promise<void>((resolve) => this.http!.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.http.address() as AddressInfo).port;
  }

  /** Drops every connection without a word. */
  async stop(): Promise<void> {
    for (const socket of this.sockets!.clients) socket.terminate();
    this.sockets!.close();
    await new Promise((resolve) => this.http!.close(resolve));
  }

  private serve(socket: WebSocket): void {
    const say = (message: LiveFromServer) => socket.send(JSON.stringify(message));
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) {
        // What arrives after the stop never reached the disk.
        if (socket.readyState !== socket.OPEN) return;
        appendFileSync(this.path, data);
        say({ type: 'ack', durableOffset: this.size });
        return;
      }
      const message = JSON.parse(String(data)) as LiveFromAgent;
      if (message.type === 'hello') {
        this.hellos.push(message);
        if (this.refusal === undefined) say({ type: 'resume', durableOffset: this.size });
        else say({ type: 'refused', reason: this.refusal });
      } else if (message.length === this.size) {
        say({ type: 'done' });
      }
    });
  }
}
