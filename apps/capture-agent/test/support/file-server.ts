import { appendFileSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { LIVE_PATH, type LiveFromAgent, type LiveFromServer, type LiveHello } from '@causeway/replay';
import { type WebSocket, WebSocketServer } from 'ws';

/** The server's side of the protocol, a file for each capture, as the workbench keeps them. */
export class FileServer {
  readonly hellos: LiveHello[] = [];
  readonly authorizations: (string | undefined)[] = [];
  port = 0;
  private http: Server | undefined;
  private sockets: WebSocketServer | undefined;

  constructor(
    private readonly folder: string,
    private readonly refusal?: string,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  pathOf(captureId: string): string {
    return join(this.folder, captureId);
  }

  /** Bytes of all captures. */
  get size(): number {
    return readdirSync(this.folder).reduce((sum, name) => sum + this.sizeOf(name), 0);
  }

  private sizeOf(captureId: string): number {
    const path = this.pathOf(captureId);
    return existsSync(path) ? statSync(path).size : 0;
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
    let captureId = '';
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) {
        // What arrives after the stop never reached the disk.
        if (socket.readyState !== socket.OPEN) return;
        appendFileSync(this.pathOf(captureId), data);
        say({ type: 'ack', durableOffset: this.sizeOf(captureId) });
        return;
      }
      const message = JSON.parse(String(data)) as LiveFromAgent;
      if (message.type === 'hello') {
        this.hellos.push(message);
        captureId = message.captureId;
        if (this.refusal === undefined) say({ type: 'resume', durableOffset: this.sizeOf(captureId) });
        else say({ type: 'refused', reason: this.refusal });
      } else if (message.length === this.sizeOf(captureId)) {
        say({ type: 'done' });
      }
    });
  }
}
