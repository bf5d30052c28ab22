import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { LiveConnections } from '../api/services';
import type { LiveRegistry } from './live-registry';
import { LiveSession } from './live-session';

const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** A connection that answers no ping for two of these is dead. */
const PING_EVERY_MS = 15_000;

export interface LiveEndpoint extends LiveConnections {
  /** Takes an upgrade request that was already checked. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Breaks all connections after what they sent is on disk; agents come back by themselves. */
  close(): Promise<void>;
}

/** Receives live captures: any number of agents at once, each capture by one connection. */
export function createLiveEndpoint(registry: LiveRegistry): LiveEndpoint {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  const sessions = new Set<LiveSession>();
  const byCapture = new Map<string, LiveSession>();

  server.on('connection', (socket) => {
    let answered = true;
    socket.on('pong', () => {
      answered = true;
    });
    const pinging = setInterval(() => {
      if (!answered) socket.terminate();
      answered = false;
      socket.ping();
    }, PING_EVERY_MS);
    const session = new LiveSession({
      socket,
      registry,
      async takeOver(captureId, newcomer) {
        const older = byCapture.get(captureId);
        byCapture.set(captureId, newcomer);
        await older?.break();
      },
      onClosed(ended) {
        clearInterval(pinging);
        sessions.delete(ended);
        if (ended.captureId !== undefined && byCapture.get(ended.captureId) === ended)
          byCapture.delete(ended.captureId);
      },
    });
    sessions.add(session);
  });

  return {
    accept: (request, socket, head) =>
      server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request)),
    isConnected: (captureId) => byCapture.has(captureId),
    drop: async (captureId, reason) => byCapture.get(captureId)?.refuse(reason),
    close: async () => {
      await Promise.all([...sessions].map((session) => session.break()));
    },
  };
}
