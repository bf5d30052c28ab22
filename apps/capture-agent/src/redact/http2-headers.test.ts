import { once } from 'node:events';
import * as http2 from 'node:http2';
import { duplexPair } from 'node:stream';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_NAMES } from './name-set';
import { type OpenValues, Redactor } from './redactor';
import { UNKNOWN } from './stream-place';

const EGRESS = 2;
const redactor = new Redactor({ names: [...DEFAULT_NAMES, 'x-tenant'], literals: false });
const stars = (text: string) => '*'.repeat(text.length);

/** Values that nghttp2 writes in Huffman code, and one that is longer in it and so is written as it is. */
const REQUESTS: readonly Readonly<Record<string, string>>[] = [
  { ':path': '/orders?page=2&token=Opensesame42', authorization: 'Bearer Opensesame42', 'x-visit': 'visible-1' },
  {
    ':path': '/orders/7',
    authorization: 'Bearer Opensesame42',
    cookie: 'session=Opensesame43',
    'x-visit': 'visible-2',
  },
  { ':path': '/a/rather/long/path/to/somewhere', 'x-tenant': '{<^^^^^^^>}|#~', 'x-visit': 'visible-3' },
  { ':path': '/orders/7', 'x-api-key': 'another0000key', 'x-visit': '{<^^^^^^^>}|#~' },
  { ':path': '/orders/8', 'x-api-key': 'one-more-key', 'x-visit': 'visible-5', cookie: 'session=Opensesame44' },
];
const SECRET_NAMES = ['authorization', 'cookie', 'x-tenant', 'x-api-key'];

type Headers = http2.IncomingHttpHeaders;

/** What a client sends with these requests and a body each. */
async function sentBy(requests: typeof REQUESTS): Promise<Buffer> {
  const [near, far] = duplexPair();
  const server = http2.createServer((request, response) => request.resume().on('end', () => response.end()));
  const sent: Buffer[] = [];
  const push = far.push.bind(far);
  far.push = (chunk: Buffer | null, ...rest) => {
    if (chunk !== null) sent.push(Buffer.from(chunk));
    return push(chunk, ...rest);
  };
  server.emit('connection', far);
  const client = http2.connect('http://shop.test', { createConnection: () => near });
  for (const headers of requests) {
    const request = client.request({ ':method': 'POST', ...headers }).end('password=Opensesame42');
    await once(request.resume(), 'end');
  }
  client.close();
  await once(client, 'close');
  return Buffer.concat(sent);
}

/** What a server of these bytes reads. */
async function readBy(bytes: Buffer, requests: number): Promise<{ headers: Headers[]; bodies: string[] }> {
  const [near, far] = duplexPair();
  const server = http2.createServer();
  const headers: Headers[] = [];
  const bodies: string[] = [];
  await new Promise<void>((resolve, reject) => {
    server.on('sessionError', reject).on('stream', (stream, fields) => {
      headers.push(fields);
      let body = '';
      stream.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      stream.on('error', reject).on('end', () => {
        stream.respond({}, { endStream: true });
        if (bodies.push(body) === requests) resolve();
      });
    });
    server.emit('connection', far);
    near.resume().write(bytes);
  });
  near.destroy();
  return { headers, bodies };
}

function masked(bytes: Buffer, sizes: readonly number[], from = 0): Buffer {
  const copy = Buffer.from(bytes);
  const socket: OpenValues = {};
  for (let at = from, i = 0; at < copy.length; i += 1) {
    const end = Math.min(copy.length, at + sizes[i % sizes.length]!);
    redactor.apply(copy, at, end, socket, EGRESS, 0);
    at = end;
  }
  return copy;
}

describe('HTTP/2 header blocks', () => {
  let sent: Buffer;
  beforeAll(async () => {
    sent = await sentBy(REQUESTS);
  });

  it('keep everything but what is sensitive, and can be read by a server', async () => {
    const { headers, bodies } = await readBy(masked(sent, [sent.length]), REQUESTS.length);
    expect(headers.map((fields) => fields['x-visit'])).toEqual(REQUESTS.map((fields) => fields['x-visit']));
    const paths = headers.map((fields) => fields[':path']);
    expect(paths.slice(1)).toEqual(REQUESTS.slice(1).map((fields) => fields[':path']));
    expect(paths[0]).toMatch(/^\/orders\?page=2&token=[*0 :]+$/);
    for (const fields of headers) {
      for (const name of SECRET_NAMES) expect(String(fields[name] ?? '').replaceAll('*', '')).toBe('');
    }
    expect(headers[0]?.authorization).toMatch(/^\*+$/);
    expect(headers[2]?.['x-tenant']).toBe(stars('{<^^^^^^^>}|#~'));
    expect(bodies).toEqual(REQUESTS.map(() => `password=${stars('Opensesame42')}`));
  });

  it('let no more through where calls cut them: what goes on in the next one is hidden, too', () => {
    const whole = masked(sent, [sent.length]);
    const inHeaders = new Set<number>();
    for (const start of headerFrames(sent)) {
      for (let at = start; at < start + 9 + sent.readUIntBE(start, 3); at += 1) inHeaders.add(at);
    }
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 9 }), (sizes) => {
        const cut = masked(sent, [24, ...sizes]);
        for (const at of inHeaders) if (cut[at] !== whole[at]) expect([0x2a, 0xf9]).toContain(cut[at]);
        // Frames are followed to the end, so that what is plain stays so.
        expect(cut.toString('latin1').split('{<^^^^^^^>}|#~')).toHaveLength(2);
      }),
    );
  });

  it('hide values whose names were sent before the recording', () => {
    const starts = headerFrames(sent);
    const late = masked(sent, [sent.length - starts[4]!], starts[4]);
    const whole = masked(sent, [sent.length]);
    // x-api-key and cookie, and x-visit beside.
    expect(hiddenRuns(whole.subarray(starts[4]))).toBe(3);
    expect(hiddenRuns(late.subarray(starts[4]))).toBe(4);
  });

  it('are hidden as a whole when frames were lost, until a call begins with one', () => {
    const starts = headerFrames(sent);
    const copy = Buffer.from(sent);
    const socket: OpenValues = {};
    const [first, second, third, fourth] = starts as [number, number, number, number, number];
    redactor.apply(copy, 0, first + 4, socket, EGRESS, second - first);
    redactor.apply(copy, second + 2, third, socket, EGRESS, 0);
    expect(copy.toString('latin1', second + 2, third)).toBe('*'.repeat(third - second - 2));
    redactor.apply(copy, third, fourth, socket, EGRESS, 0);
    expect(copy.subarray(third, third + 9)).toEqual(sent.subarray(third, third + 9));
  });

  it('hide no less when calls were lost, wherever those were', () => {
    const whole = masked(sent, [sent.length]);
    const inHeaders = headerFrames(sent).map((start) => [start + 9, start + 9 + sent.readUIntBE(start, 3)] as const);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 9 }),
        fc.uniqueArray(fc.nat(60), { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        (sizes, lost, lengthsKnown) => {
          const copy = Buffer.from(sent);
          const seen = new Uint8Array(sent.length);
          const socket: OpenValues = {};
          let missing = 0;
          for (let at = 0, i = 0; at < copy.length; i += 1) {
            const end = Math.min(copy.length, at + (i === 0 ? 24 : sizes[i % sizes.length]!));
            if (i > 0 && lost.includes(i)) {
              missing = lengthsKnown ? missing + end - at : UNKNOWN;
            } else {
              redactor.apply(copy, at, end, socket, EGRESS, 0, false, missing);
              seen.fill(1, at, end);
              missing = 0;
            }
            at = end;
          }
          for (const [start, end] of inHeaders) {
            for (let at = start; at < end; at += 1) {
              const shows = seen[at] === 1 && copy[at] === sent[at] && ![0x2a, 0xf9].includes(copy[at]!);
              if (shows) expect(whole[at]).toBe(sent[at]);
            }
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('stay in step past calls that were lost within a body, as their length is known', () => {
    const second = headerFrames(sent)[1]!;
    const whole = masked(sent, [sent.length]);
    const copy = Buffer.from(sent);
    const socket: OpenValues = {};
    redactor.apply(copy, 0, second - 10, socket, EGRESS, 0);
    redactor.apply(copy, second - 5, sent.length, socket, EGRESS, 0, false, 5);
    expect(copy.subarray(second)).toEqual(whole.subarray(second));
  });

  it('do not take part of a body for frames, when it looks like the head of one', () => {
    const socket: OpenValues = {};
    const direction = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
    redactor.apply(Buffer.from(direction), 0, 24, socket, EGRESS, 0);
    // DATA without content, and HEADERS that go on beyond the call.
    for (const head of ['000000000000000001', '000400010400000001']) {
      const bytes = Buffer.concat([Buffer.from(head, 'hex'), Buffer.from('secret')]);
      redactor.apply(bytes, 0, bytes.length, socket, EGRESS, 0, false, UNKNOWN);
      expect(bytes.toString()).toBe('*'.repeat(bytes.length));
    }
  });

  it('are followed past payload that was not captured', () => {
    const starts = headerFrames(sent);
    const second = starts[1]!;
    const copy = Buffer.from(sent);
    const whole = masked(sent, [sent.length]);
    const socket: OpenValues = {};
    // The body before the second request is cut in its middle.
    redactor.apply(copy, 0, second - 10, socket, EGRESS, 10);
    redactor.apply(copy, second, sent.length, socket, EGRESS, 0);
    expect(copy.subarray(second)).toEqual(whole.subarray(second));
  });

  it('do not make other bytes HTTP/2, nor fail on them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(300), (bytes, unseen) => {
        const socket: OpenValues = {};
        const copy = Buffer.from(bytes);
        redactor.apply(copy, 0, copy.length, socket, EGRESS, unseen);
        expect(socket.http2).toBeUndefined();
        const known: OpenValues = {};
        redactor.apply(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), 0, 24, known, EGRESS, 0);
        redactor.apply(copy, 0, copy.length, known, EGRESS, unseen);
        expect(copy.length).toBe(bytes.length);
      }),
    );
  });
});

/** Where frames with a header block begin, behind the preface. */
function headerFrames(bytes: Buffer): number[] {
  const starts: number[] = [];
  for (let at = 24; at < bytes.length; at += 9 + bytes.readUIntBE(at, 3)) if (bytes[at + 3] === 1) starts.push(at);
  return starts;
}

const hiddenRuns = (bytes: Buffer) => bytes.toString('latin1').match(/\xf9{4,}|\*{4,}/g)?.length ?? 0;
