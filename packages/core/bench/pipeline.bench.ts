import type { HostId, Nanoseconds } from '../src/base/brand';
import { Cursor } from '../src/base/cursor';
import { blockFromEvents } from '../src/event/block-from-events';
import {
  type CaptureEvent,
  Direction,
  type EventBlock,
  EventFlag,
  EventKind,
  SyscallAbi,
} from '../src/event/event-block';
import { concat, latin1, socket, thread } from '../src/event/test-scene';
import { createPipeline } from '../src/pipeline/create-pipeline';
import { dns } from '../src/protocol/dns/dns';
import { http1 } from '../src/protocol/http1/http1';
import { http2 } from '../src/protocol/http2/http2';
import { mysql } from '../src/protocol/mysql/mysql';
import { BUILT_IN_PARSERS } from '../src/protocol/parser-set';
import { postgresql } from '../src/protocol/postgresql/postgresql';
import { type ConnectionParser, type ProtocolParser, Unit } from '../src/protocol/protocol-parser';
import { redis } from '../src/protocol/redis/redis';
import { command, dnsMessage, my, pg } from '../src/protocol/test-bytes';
import { h2 } from '../src/protocol/test-frames';

interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: number;
  readonly note?: string;
}

interface Exchange {
  readonly request: (n: number) => Uint8Array;
  readonly response: Uint8Array;
}

const EXCHANGES: Readonly<Record<string, Exchange>> = {
  http: {
    request: (n) =>
      latin1(
        `GET /products/${n % 500} HTTP/1.1\r\nHost: shop.test\r\nX-Request-ID: ${n}-a1b2c3d4e5f60718\r\nConnection: keep-alive\r\n\r\n`,
      ),
    response: latin1('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'),
  },
  redis: { request: (n) => command('GET', `product:${n % 500}`), response: latin1('$5\r\nhello\r\n') },
  postgresql: {
    request: (n) => pg.query(`SELECT id, name, price FROM product WHERE id = ${n % 500}`),
    response: concat(pg.rowDescription('name'), pg.row('chair'), pg.complete('SELECT 1'), pg.ready),
  },
  mysql: {
    request: (n) => my.query(`SELECT id, name, price FROM product WHERE id = ${n % 500}`),
    response: my.result('chair'),
  },
};

const ROUNDS = 4000;
/** Of a run that fits the young generation of the heap. */
const SHORT_EXCHANGES = 500;
const PER_BLOCK = 8192;
const HOST = 'bench' as HostId;

/** Exchanges on eight connections in turn, as calls of a server. */
function blocks(exchange: Exchange, count: number): EventBlock[] {
  const sockets = Array.from({ length: 8 }, (_, i) => socket(`socket-${i}`));
  const threads = sockets.map((_, i) => thread(100 + i));
  const sequences = new Map<string, number>();
  const events: CaptureEvent[] = [];
  const add = (n: number, direction: Direction, payload: Uint8Array) => {
    const on = sockets[n % 8]!;
    const key = `${on.id}${direction}`;
    const start = sequences.get(key) ?? 1;
    sequences.set(key, start + payload.length);
    const enter = (events.length * 1000) as Nanoseconds;
    events.push({
      ordinal: events.length,
      kind: EventKind.data,
      enter,
      exit: (enter + 500) as Nanoseconds,
      abi: SyscallAbi.read,
      direction,
      flags: EventFlag.tcpSeq,
      thread: threads[n % 8]!,
      socket: on,
      fd: 3,
      result: payload.length,
      tcpSeqEnter: start >>> 0,
      tcpSeqExit: (start + payload.length) >>> 0,
      detail: 0,
      payload,
    });
  };
  for (let n = 0; n < count; n += 1) {
    add(n, Direction.ingress, exchange.request(n));
    add(n, Direction.egress, exchange.response);
  }
  const cut: EventBlock[] = [];
  for (let at = 0; at < events.length; at += PER_BLOCK)
    cut.push(blockFromEvents(HOST, events.slice(at, at + PER_BLOCK)));
  return cut;
}

/** What a run has read. */
interface Work {
  readonly messages: number;
  readonly bytes: number;
}

/** Best of a few runs: what the code can do when nothing else runs. */
function best(runs: number, work: () => Work): Work {
  let messages = 0;
  let bytes = 0;
  for (let i = 0; i < runs; i += 1) {
    const start = performance.now();
    const done = work();
    const seconds = (performance.now() - start) / 1000;
    messages = Math.max(messages, done.messages / seconds);
    bytes = Math.max(bytes, done.bytes / seconds);
  }
  return { messages, bytes };
}

const ALLOCATION_RUNS = 15;

/** The bench runs in Node, whose types core does without. */
interface NodeGlobals {
  readonly gc?: () => void;
  readonly process: { memoryUsage(): { readonly heapUsed: number } };
}

/**
 * Bytes of heap that a message takes, kept or given back: by how much the heap grows in a run so short that nothing is
 * collected. The median, as a collection or the compiler may fall into one of the runs.
 */
function allocation(shortRun: () => Work): number {
  const { gc: collect, process } = globalThis as unknown as NodeGlobals;
  if (collect === undefined) throw new Error('run with --expose-gc');
  const grown = Array.from({ length: ALLOCATION_RUNS }, () => {
    collect();
    const before = process.memoryUsage().heapUsed;
    const { messages } = shortRun();
    return (process.memoryUsage().heapUsed - before) / messages;
  });
  return grown.sort((a, b) => a - b)[ALLOCATION_RUNS >> 1]!;
}

/** Messages and bytes a second, and what a message allocates. `shortRun`: the same with a thousand messages or so. */
function rowsOf(name: string, unit: string, target: number, run: () => Work, shortRun: () => Work): Row[] {
  const { messages, bytes } = best(5, run);
  return [
    { name, value: messages, unit, target },
    { name: '… in bytes read', value: bytes / 1e6, unit: 'MB/s' },
    { name: '… allocated', value: allocation(shortRun), unit: 'bytes each', note: 'heap, kept or given back' },
  ];
}

function pipelineRows(name: string, exchange: Exchange): Row[] {
  const replay = (list: readonly EventBlock[]) => (): Work => {
    let spans = 0;
    let bytes = 0;
    const pipeline = createPipeline({
      onSpan: () => {
        spans += 1;
      },
    });
    for (const block of list) {
      pipeline.push(block);
      for (let row = 0; row < block.count; row += 1) bytes += block.result[row]!;
    }
    pipeline.end();
    if (spans === 0) throw new Error(`no spans from ${name}`);
    return { messages: pipeline.coverage().events, bytes };
  };
  const long = blocks(exchange, ROUNDS * 10);
  return rowsOf(`pipeline, ${name}`, 'events/s', 500_000, replay(long), replay(blocks(exchange, SHORT_EXCHANGES)));
}

/** Exchanges on one connection: inference is asked once for each connection and side, as the pipeline does. */
const EXCHANGES_PER_CONNECTION = 20;

function parserRows(
  parser: ProtocolParser,
  requests: readonly Uint8Array[],
  response: Uint8Array | ((n: number) => Uint8Array),
  target = 1_000_000,
): Row[] {
  const responses = requests.map((_, n) => (typeof response === 'function' ? response(n) : response));
  const cursor = new Cursor();
  const unit = new Unit();
  const transport = parser.transports[0]!;
  const readAll = (connection: ConnectionParser, bytes: Uint8Array, fromClient: boolean): number => {
    let messages = 0;
    for (let at = 0; at < bytes.length; ) {
      if (connection.parse(cursor.reset(bytes, at, bytes.length, false), fromClient, unit.reset()) !== 'unit') {
        throw new Error(`${parser.protocol}: not parsed`);
      }
      at += unit.length;
      if (unit.ends) messages += 1;
    }
    return messages;
  };
  const read = (rounds: number, exchanges: number) => (): Work => {
    let messages = 0;
    let bytes = 0;
    let connection = parser.open(transport);
    for (let round = 0; round < rounds; round += 1) {
      for (let n = 0; n < exchanges; n += 1) {
        const request = requests[n]!;
        const answer = responses[n]!;
        if (n % EXCHANGES_PER_CONNECTION === 0) {
          connection = parser.open(transport);
          parser.infer(cursor.reset(request, 0, request.length, false), { transport, fromClient: true });
          parser.infer(cursor.reset(answer, 0, answer.length, false), { transport, fromClient: false });
        }
        messages += readAll(connection, request, true) + readAll(connection, answer, false);
        bytes += request.length + answer.length;
      }
    }
    return { messages, bytes };
  };
  const name = `infer + parse, ${parser.protocol}`;
  return rowsOf(name, 'messages/s', target, read(50, requests.length), read(1, SHORT_EXCHANGES));
}

/**
 * Requests as clients write them: what repeats stands in the table after the first of a connection, path and request id are
 * new each time. The response is a head and a body.
 */
function http2Exchanges(): { request: (n: number) => Uint8Array; response: (n: number) => Uint8Array } {
  const stream = (n: number) => 1 + 2 * (n % EXCHANGES_PER_CONNECTION);
  const path = (n: number) => concat('\x04', text(`/products/${n % 500}`));
  const text = (value: string) => concat(Uint8Array.of(value.length), value);
  return {
    request: (n) => {
      const id = `${n}-a1b2c3d4e5f60718`;
      // The name of the entry at 62 is x-request-id each time, and the authority goes one further with each of them.
      const repeated = n % EXCHANGES_PER_CONNECTION;
      const fields =
        repeated === 0
          ? concat('\x82\x86', path(n), h2.literal(':authority', 'shop.test'), h2.literal('x-request-id', id))
          : concat('\x82\x86', path(n), Uint8Array.of(0x80 | (62 + repeated)), '\x7e', text(id));
      const opening = repeated === 0 ? concat(h2.preface, h2.settings()) : '';
      return concat(opening, h2.headers(stream(n), fields, true));
    },
    response: (n) => concat(h2.headers(stream(n), Uint8Array.of(0x88)), h2.data(stream(n), '{}')),
  };
}

function unknownRow(): Row {
  const cursor = new Cursor();
  const context = { transport: 'tcp' } as const;
  let state = 12_345;
  const payloads = Array.from({ length: 512 }, () =>
    Uint8Array.from({ length: 64 }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 16;
    }),
  );
  const { messages } = best(5, () => {
    for (let round = 0; round < 200; round += 1) {
      for (const bytes of payloads) {
        cursor.reset(bytes, 0, bytes.length, true);
        for (const parser of BUILT_IN_PARSERS.candidates('tcp', cursor)) {
          parser.infer(cursor, context);
          cursor.position = 0;
          cursor.overrun = false;
        }
      }
    }
    return { messages: 200 * payloads.length, bytes: 0 };
  });
  return { name: 'unknown bytes rejected by all parsers', value: messages, unit: 'payloads/s', target: 5_000_000 };
}

export default async function pipelineBench(): Promise<Row[]> {
  const rows = Object.entries(EXCHANGES).flatMap(([name, exchange]) => pipelineRows(name, exchange));
  const numbers = Array.from({ length: ROUNDS }, (_, n) => n);
  for (const parser of [http1, redis, postgresql, mysql]) {
    const { request, response } = EXCHANGES[parser.protocol]!;
    rows.push(...parserRows(parser, numbers.map(request), response));
  }
  const queries = numbers.map((n) => dnsMessage(n, 0x100, `host${n % 500}.shop.test`, 1));
  rows.push(...parserRows(dns, queries, dnsMessage(1, 0x8180, 'host1.shop.test', 1, 1)));
  const { request, response } = http2Exchanges();
  rows.push(...parserRows(http2, numbers.map(request), response, 500_000));
  rows.push(unknownRow());
  return rows;
}
