import http2 from 'node:http2';
import net from 'node:net';
import type { Message, Span } from '@causeway/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReplay } from '../src/index';
import { PacketSource } from '../src/source/pcap/packet-source';
import { A4, B4, etherFrame, type Frame, ip4, pcapFile, tcp } from '../src/source/pcap/test-packets';

/** HTTP/2 as Node's own client and server (nghttp2) speak it, noted down by a proxy between them. */
interface Chunk {
  readonly fromClient: boolean;
  readonly bytes: Buffer;
}

const chunks: Chunk[] = [];
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
/** UTF-8 as Node takes it, one character a byte. */
const utf8 = (text: string) => Buffer.from(text).toString('latin1');
/** Every printable character and some of UTF-8, each in a value that is shorter in Huffman's code than without. */
const IDS = [...Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)), 'ä', 'ß', '€', '日', '本', 'ÿ'].map(
  (character) => `${'e'.repeat(24)}${character}`,
);

const listen = (server: net.Server | http2.Http2Server) =>
  new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port));
  });

interface Answer {
  readonly status: number | undefined;
  readonly trailers: Record<string, unknown>;
  readonly code: number;
}

function ask(session: http2.ClientHttp2Session, headers: http2.OutgoingHttpHeaders, body = ''): Promise<Answer> {
  return new Promise((resolve) => {
    const stream = session.request(headers, { endStream: body === '' });
    let status: number | undefined;
    let trailers = {};
    stream.on('response', (response) => {
      status = response[':status'];
    });
    stream.on('trailers', (received) => {
      trailers = received;
    });
    // A stream that is reset ends with an error, which the code tells of.
    stream.on('error', () => {});
    stream.on('close', () => resolve({ status, trailers, code: stream.rstCode }));
    stream.resume();
    if (body !== '') stream.end(body);
  });
}

function answer(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void {
  const path = headers[':path']!;
  stream.on('error', () => {});
  if (path.startsWith('/shop.')) {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => {
      stream.sendTrailers(
        path.endsWith('Fail') ? { 'grpc-status': '9', 'grpc-message': 'sold%20out' } : { 'grpc-status': '0' },
      );
    });
    stream.end('\0\0\0\0\x01x');
  } else if (path === '/reset') stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
  else {
    stream.additionalHeaders({ ':status': 103 });
    stream.respond({ ':status': path === '/missing' ? 404 : 200, 'x-request-id': headers['x-request-id'] });
    stream.end('b'.repeat(path === '/large' ? 200_000 : 10));
  }
}

beforeAll(async () => {
  const server = http2.createServer();
  server.on('stream', answer);
  const target = await listen(server);
  const proxy = net.createServer((client) => {
    const upstream = net.connect(target, '127.0.0.1');
    client.on('data', (bytes) => {
      chunks.push({ fromClient: true, bytes: Buffer.from(bytes) });
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      chunks.push({ fromClient: false, bytes: Buffer.from(bytes) });
      client.write(bytes);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    client.on('error', () => {});
    upstream.on('error', () => {});
  });
  const session = http2.connect(`http://127.0.0.1:${await listen(proxy)}`);
  for (const id of IDS) await ask(session, { ':path': '/id/7?q=1', 'x-request-id': utf8(id), traceparent: TRACE });
  await Promise.all(Array.from({ length: 20 }, (_, i) => ask(session, { ':path': `/many/${i}` })));
  await ask(session, { ':path': '/missing', ':method': 'DELETE' });
  await ask(session, { ':path': '/large', ':method': 'PUT' }, 'a'.repeat(100_000));
  await ask(session, { ':path': '/long', cookie: `c=${'~'.repeat(20_000)}` });
  expect(await ask(session, { ':path': '/reset' })).toMatchObject({ code: 7 });
  const call = (path: string) => ({
    ':path': path,
    ':method': 'POST',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  await ask(session, call('/shop.Cart/Get'), '\0\0\0\0\0');
  expect(await ask(session, call('/shop.Cart/Fail'), '\0\0\0\0\0')).toMatchObject({ trailers: { 'grpc-status': '9' } });
  await new Promise<void>((resolve) => session.close(resolve));
  proxy.close();
  server.close();
});

afterAll(() => {
  chunks.length = 0;
});

/** What is made of the chunks from the `first` on, in packets of at most `size` bytes. */
function read(first = 0, size = 1400): { messages: Message[]; spans: Span[]; lost: number } {
  const next = { client: 1000, server: 5000 };
  const frames: Frame[] = [];
  for (const [i, { fromClient, bytes }] of chunks.entries()) {
    for (let at = 0; at < bytes.length; at += size) {
      const piece = bytes.subarray(at, at + size);
      const side = fromClient ? 'client' : 'server';
      const ports = fromClient ? { from: 40_000, to: 80 } : { from: 80, to: 40_000 };
      const addresses = fromClient ? { source: A4, target: B4 } : { source: B4, target: A4 };
      const segment = tcp(piece, { ...ports, seq: next[side] });
      next[side] += piece.length;
      if (i >= first) frames.push({ frame: etherFrame(0x0800, ip4(6, segment, addresses)) });
    }
  }
  const messages: Message[] = [];
  const spans: Span[] = [];
  const replay = createReplay({ onMessage: (each) => messages.push(each), onSpan: (each) => spans.push(each) });
  const source = new PacketSource('http2.pcap');
  for (const item of source.push(pcapFile(frames))) replay.push(item);
  for (const item of source.end()) replay.push(item);
  replay.end();
  return { messages, spans, lost: replay.coverage().lostBytes };
}

const summary = ({ protocol, method, resource, statusCode, exception, incomplete }: Span) =>
  [protocol, method, resource, statusCode, exception, incomplete].filter((part) => part !== undefined).join(' ');

describe('http2, as Node speaks it', () => {
  it('gives every request with its response', () => {
    const { spans, messages, lost } = read();
    expect(lost).toBe(0);
    expect(messages.filter(({ truncated }) => truncated)).toEqual([]);
    const ids = spans.slice(0, IDS.length);
    expect(ids.map(({ xRequestIdRequest }) => xRequestIdRequest)).toEqual(IDS);
    expect(ids.map(({ xRequestIdResponse }) => xRequestIdResponse)).toEqual(IDS);
    for (const span of ids) {
      expect(span).toMatchObject({
        endpoint: '/id/{id}',
        statusCode: 200,
        traceIds: [TRACE.slice(3, 35)],
        spanId: TRACE.slice(36, 52),
      });
      expect(span.domain).toMatch(/^127\.0\.0\.1:/);
    }
    const many = spans.slice(IDS.length, IDS.length + 20).map(summary);
    expect(many.sort()).toEqual(Array.from({ length: 20 }, (_, i) => `http2 GET /many/${i} 200`).sort());
    expect(spans.slice(IDS.length + 20).map(summary)).toEqual([
      'http2 DELETE /missing 404',
      'http2 PUT /large 200',
      'http2 GET /long 200',
      'http2 GET /reset RST_STREAM REFUSED_STREAM',
      'grpc POST /shop.Cart/Get 200',
      'grpc POST /shop.Cart/Fail 9 sold out',
    ]);
    expect(messages.filter(({ fields }) => fields.statusCode === 103)).toHaveLength(IDS.length + 23);
  });

  it('gives the same in packets of any size', () => {
    const expected = read().spans.map(summary);
    for (const size of [9, 61, 60_000]) expect(read(0, size).spans.map(summary)).toEqual(expected);
  });

  it('never tells anything wrong when it joins later', () => {
    const all = new Map(
      read().messages.map((message) => [`${message.direction} ${message.fields.requestId} ${message.tcpSeq}`, message]),
    );
    for (let first = 1; first < chunks.length; first += 17) {
      const { messages } = read(first);
      if (first < chunks.length - 30) expect(messages.length).toBeGreaterThan(0);
      for (const { direction, tcpSeq, fields, headless } of messages) {
        const whole = all.get(`${direction} ${fields.requestId} ${tcpSeq}`);
        if (headless) continue;
        expect(whole, `joined at chunk ${first}, stream ${fields.requestId}`).toBeDefined();
        // An interim response whose status was not seen counts as the beginning of the one that follows it.
        if (whole!.fields.statusCode === 103) continue;
        expect(whole!.fields).toMatchObject(fields);
      }
    }
  });
});
