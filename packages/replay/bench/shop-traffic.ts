import { closeSync, openSync, writeSync } from 'node:fs';
import { SyscallAbi as abi, EventKind, type SocketInfo, type SyscallAbi, type ThreadInfo } from '@causeway/core';
import { CaptureWriter } from '../src/index';
import { nodeCodec } from '../src/node';
import { type EventRow, eventBlockFromRows, sampleHeader, sampleSocket } from '../src/testing/index';

const ROWS_PER_BLOCK = 4096;
const START = 1_000_000_000n;
/** Requests that are under way at the same time, each on connections of its own that are kept open. */
const LANES = 64;

interface Lane {
  readonly nginx: ThreadInfo;
  readonly node: ThreadInfo;
  readonly postgres: ThreadInfo;
  /** Both ends of each connection, and the next sequence number of either direction. */
  readonly http: Connection;
  readonly upstream: Connection;
  readonly redis: Connection;
  readonly database: Connection;
}

interface Connection {
  readonly client: SocketInfo;
  readonly server: SocketInfo;
  toServer: number;
  toClient: number;
}

const REDIS: ThreadInfo = { pid: 300, tid: 300, comm: 'redis-server' };
const encoder = new TextEncoder();

function connection(id: number, port: number): Connection {
  const server = { address: '127.0.0.1', port };
  const client = { address: '127.0.0.1', port: 20_000 + id };
  return {
    client: sampleSocket(2 * id, 'client', client, server),
    server: sampleSocket(2 * id + 1, 'server', server, client),
    toServer: id * 7919,
    toClient: id * 104_729,
  };
}

function makeLane(n: number): Lane {
  return {
    nginx: { pid: 100 + (n % 4), tid: 100 + (n % 4), comm: 'nginx' },
    node: { pid: 200 + n, tid: 200 + n, comm: 'node' },
    postgres: { pid: 1000 + n, tid: 1000 + n, comm: 'postgres' },
    http: connection(4 * n + 1, 80),
    upstream: connection(4 * n + 2, 3000),
    redis: connection(4 * n + 3, 6379),
    database: connection(4 * n + 4, 5432),
  };
}

function pgMessage(type: string, body: string): string {
  const length = body.length + 4;
  return `${type}${String.fromCharCode(length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255)}${body}`;
}

/** nginx → node → Redis and PostgreSQL, every process seen: 14 calls that make 7 spans. */
function requestRows(lane: Lane, n: number, start: bigint): EventRow[] {
  const rows: EventRow[] = [];
  let time = start;
  const call = (thread: ThreadInfo, number: SyscallAbi, socket: SocketInfo, seq: number, payload: Uint8Array) => {
    rows.push({
      kind: EventKind.data,
      enter: time,
      exit: time + 2_000n,
      abi: number,
      thread,
      socket,
      fd: 9,
      tcpSeqEnter: seq >>> 0,
      tcpSeqExit: (seq + payload.length) >>> 0,
      rtt: 25,
      payload,
    });
    time += 12_000n;
  };
  const request = (to: Connection, from: ThreadInfo, at: ThreadInfo, text: string) => {
    const bytes = encoder.encode(text);
    call(from, abi.write, to.client, to.toServer, bytes);
    call(at, abi.read, to.server, to.toServer, bytes);
    to.toServer += bytes.length;
  };
  const response = (to: Connection, from: ThreadInfo, at: ThreadInfo, text: string) => {
    const bytes = encoder.encode(text);
    call(from, abi.write, to.server, to.toClient, bytes);
    call(at, abi.read, to.client, to.toClient, bytes);
    to.toClient += bytes.length;
  };
  const { http, nginx, node, postgres } = lane;
  const path = `/shop/items/${n}?page=${n % 7}`;
  const asked = encoder.encode(
    `GET ${path} HTTP/1.1\r\nHost: shop.test\r\nUser-Agent: bench/1.0\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n\r\n`,
  );
  call(nginx, abi.recvfrom, http.server, http.toServer, asked);
  http.toServer += asked.length;
  request(lane.upstream, nginx, node, `GET ${path} HTTP/1.1\r\nHost: shop.test\r\nX-Forwarded-For: 10.0.0.7\r\n\r\n`);
  const key = `item:${n}`;
  request(lane.redis, node, REDIS, `*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`);
  response(lane.redis, REDIS, node, '$-1\r\n');
  request(lane.database, node, postgres, pgMessage('Q', `SELECT id, name FROM items WHERE id = ${n}\0`));
  const done = pgMessage('C', 'SELECT 1\0') + pgMessage('Z', 'I');
  response(lane.database, postgres, node, pgMessage('D', '\0\x01\0\0\0\x04pear') + done);
  const body = JSON.stringify({ id: n, name: 'pear', stock: n % 100 });
  const answer = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  response(lane.upstream, node, nginx, answer);
  const sent = encoder.encode(answer);
  call(nginx, abi.writev, http.server, http.toClient, sent);
  http.toClient += sent.length;
  return rows;
}

/** Writes a capture of so many requests, LANES at a time, and returns its number of events. */
export function writeShopCapture(path: string, requests: number): number {
  const file = openSync(path, 'w');
  const writer = new CaptureWriter((bytes) => writeSync(file, bytes), { codec: nodeCodec });
  writer.writeHeader(sampleHeader());
  const lanes = Array.from({ length: LANES }, (_, n) => makeLane(n));
  let pending: EventRow[] = [];
  let events = 0;
  for (let n = 0; n < requests; n += LANES) {
    const round = BigInt(n / LANES);
    const rows = lanes
      .slice(0, requests - n)
      .flatMap((lane, i) => requestRows(lane, n + i, START + round * 400_000n + BigInt(i) * 1_000n));
    // Recorded in the order of time, so that the lanes interleave.
    rows.sort((a, b) => (a.enter < b.enter ? -1 : 1));
    pending.push(...rows);
    while (pending.length >= ROWS_PER_BLOCK) {
      writer.writeEvents(eventBlockFromRows(pending.slice(0, ROWS_PER_BLOCK)));
      pending = pending.slice(ROWS_PER_BLOCK);
    }
    events += rows.length;
  }
  if (pending.length > 0) writer.writeEvents(eventBlockFromRows(pending));
  writer.end();
  closeSync(file);
  return events;
}
