import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Dump } from './flight-ring';

/** `causeway dump` asks a running flight recorder over a Unix socket: one line of JSON each way. */
interface DumpRequest {
  /** Absolute; absent = where the recorder's own dumps go. */
  readonly output?: string;
}

type DumpReply = ({ readonly ok: true } & Dump) | { readonly ok: false; readonly error: string };

const MAX_LINE = 8192;
/** Dumping is a copy of at most the ring's size. */
const REPLY_MS = 120_000;

/** Answers dump requests until it is closed. The socket is for the recorder's own user. */
export async function serveDumps(path: string, dump: (output?: string) => Promise<Dump>): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    void answer(socket, dump);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return server;
}

async function answer(socket: Socket, dump: (output?: string) => Promise<Dump>): Promise<void> {
  let reply: DumpReply;
  try {
    const { output } = JSON.parse(await readLine(socket)) as DumpRequest;
    reply = { ok: true, ...(await dump(output)) };
  } catch (error) {
    reply = { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
  socket.end(`${JSON.stringify(reply)}\n`);
}

/** Throws when the recorder cannot be reached or cannot write. */
export async function requestDump(path: string, request: DumpRequest): Promise<Dump> {
  const socket = connect(path);
  try {
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    socket.setTimeout(REPLY_MS, () => socket.destroy(new Error('the recorder does not answer')));
    socket.write(`${JSON.stringify(request)}\n`);
    const reply = JSON.parse(await readLine(socket)) as DumpReply;
    if (!reply.ok) throw new Error(reply.error);
    return reply;
  } finally {
    socket.destroy();
  }
}

function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (more: string) => {
      text += more;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
      else if (text.length > MAX_LINE) reject(new Error('the request is too long'));
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed')));
  });
}
