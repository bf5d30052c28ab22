import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { assembleAll, assembleTrace, attributeCalls, createSpanIndex, type Span } from '@causeway/core';
import { checkIntegrity } from '@causeway/core/testing';
import { createReplay, readCapture } from '@causeway/replay';
import { runReplay } from '@causeway/replay/node';
import { describe, expect, it } from 'vitest';

const FOLDER = import.meta.dirname;
const MAX_CAPTURE_BYTES = 2_000_000;

/** With their captures: one, or one of each host. */
const situations = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({ name, files: capturesIn(join(FOLDER, name)) }))
  .filter(({ files }) => files.length > 0);

function capturesIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.causeway.msgpack'));
  return names.sort().map((name) => join(folder, name));
}

async function spansOf(chunks: Iterable<Uint8Array>): Promise<Span[]> {
  const spans: Span[] = [];
  const replay = createReplay({ onSpan: (span) => spans.push(span) });
  for await (const item of readCapture(chunks)) replay.push(item);
  replay.end();
  return spans;
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

/** The number that a request was for, wherever it stands: `/products/7`, `product:7`, `WHERE id = 7`. */
const productOf = (span: Span): string | undefined =>
  /\/products\/(\d+)|product:(\d+)|\bid = (\d+)/
    .exec(span.resource ?? '')
    ?.slice(1)
    .find((part) => part !== undefined);

it('has the sample captures', () => {
  expect(situations.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'dns-lookups',
      'go-goroutines',
      'go-keep-alive',
      'haproxy-front',
      'java-hand-over',
      'nats-consumer',
      'nginx-node-concurrency-8',
      'nginx-node-one-at-a-time',
      'nginx-php-fpm',
      'node-https',
      'node-one-connection',
      'node-shared-pool',
      'python-asyncio',
      'python-threads-postgres',
      'start-mid-connection',
      'two-hosts',
      'unix-sockets',
    ]),
  );
});

describe.each(situations)('$name', ({ name, files }) => {
  // Captures of several hosts, one behind the other, are one capture.
  const bytes = new Uint8Array(Buffer.concat(files.map((file) => readFileSync(file))));

  it('is small enough to share, and has a README', () => {
    expect(bytes.length).toBeLessThan(MAX_CAPTURE_BYTES);
    expect(statSync(join(FOLDER, name, 'README.md')).size).toBeGreaterThan(0);
  });

  it('replays to its expected traces', async () => {
    let text = '';
    const stdout = new Writable({
      write(chunk, _encoding, done) {
        text += chunk;
        done();
      },
    });
    expect(await runReplay(files, { stdout })).toBe(0);
    await expect(text).toMatchFileSnapshot(join(FOLDER, name, 'expected-trace.txt'));
  });

  it('gives whole traces: no cycle, and a link with evidence for each span but the root', async () => {
    const spans = await spansOf([bytes]);
    const traces = assembleAll(createSpanIndex(attributeCalls(spans)));
    expect(traces.flatMap((trace) => checkIntegrity(trace))).toEqual([]);
    expect(traces.reduce((sum, trace) => sum + trace.spans.length, 0)).toBe(spans.length);
  });

  it.each([1, 7, 61, 1000, 65_536])('gives the same spans when it arrives in pieces of %i bytes', async (size) => {
    expect(await spansOf(cut(bytes, size))).toEqual(await spansOf([bytes]));
  });

  it('finds the same tree by the search from any of its spans', async () => {
    const index = createSpanIndex(attributeCalls(await spansOf([bytes])));
    for (const trace of assembleAll(index)) {
      for (const start of trace.spans.slice(0, 3)) {
        const found = assembleTrace(index, start);
        if (!found.roundsExhausted) expect(found.spans.map(({ id }) => id)).toEqual(trace.spans.map(({ id }) => id));
      }
    }
  });
});

it('nginx-php-fpm: says what became of each FastCGI request, and why', async () => {
  const file = join(FOLDER, 'nginx-php-fpm', 'nginx-php-fpm.causeway.msgpack');
  const spans = await spansOf([new Uint8Array(readFileSync(file))]);
  const calls = spans.filter(({ protocol, tapSide }) => protocol === 'fastcgi' && tapSide === 'c-p');
  const facts = calls
    .slice(0, 5)
    .map(({ method, resource, endpoint, domain, statusCode, exception, xRequestIdRequest }) => {
      expect([method, domain, xRequestIdRequest?.length]).toEqual(['GET', 'shop.test', 32]);
      return [resource, endpoint, statusCode, exception?.replace(/ in \/.*/s, '')];
    });
  expect(calls).toHaveLength(10);
  expect(facts).toEqual([
    ['/products/1', '/shop.php', 200, undefined],
    ['/products/2', '/shop.php', 200, undefined],
    ['/products/900', '/shop.php', 404, 'Not Found'],
    [
      '/products/none',
      '/shop.php',
      500,
      'PHP message: PHP Fatal error:  Uncaught InvalidArgumentException: no such id: none',
    ],
    ['/gone.php', '/gone.php', 404, 'Primary script unknown'],
  ]);
});

describe('a link agrees with what was asked for', () => {
  // The programs name the product in every request, key and statement, so a wrong link shows, even where an event loop
  // mixes requests.
  it.each([
    ['nginx-node-one-at-a-time', 0],
    ['python-threads-postgres', 0],
    ['start-mid-connection', 0],
    ['nginx-node-concurrency-8', 0],
  ])('%s, with at most %i weak ones', async (name, mostWeak) => {
    const file = join(FOLDER, name, `${name}.causeway.msgpack`);
    const traces = assembleAll(createSpanIndex(attributeCalls(await spansOf([new Uint8Array(readFileSync(file))]))));
    let compared = 0;
    let weak = 0;
    for (const { spans, links } of traces) {
      const byId = new Map(spans.map((span) => [span.id, span]));
      for (const { child, parent, strength } of links.values()) {
        const [below, above] = [byId.get(child)!, byId.get(parent)!];
        if (productOf(below) === undefined || productOf(above) === undefined) continue;
        compared += 1;
        if (strength === 'weak') weak += 1;
        else expect(productOf(below), `${below.resource} under ${above.resource}`).toBe(productOf(above));
      }
    }
    expect(compared).toBeGreaterThan(20);
    expect(weak).toBeLessThanOrEqual(mostWeak);
  });
});

it('two-hosts: each request goes from one host to the other and back, past both interfaces', async () => {
  const captures = capturesIn(join(FOLDER, 'two-hosts')).map((file) => new Uint8Array(readFileSync(file)));
  const traces = assembleAll(createSpanIndex(attributeCalls(await spansOf(captures))));
  const ways = traces.map(({ spans }) => spans.map(({ tapSide }) => tapSide).join(' '));
  const way = 'c-p s-p c-p c s s-p';
  const [asked, notThere] = [`${way} c-p s-p`, way];
  expect(ways).toEqual([asked, asked, asked, asked, notThere, asked, asked, asked, asked, notThere]);
  for (const { spans } of traces) expect(new Set(spans.map(({ hostId }) => hostId)).size).toBe(2);
});

it('dns-lookups: each question and its answer are seen at both ends, under the request that asked', async () => {
  const file = join(FOLDER, 'dns-lookups', 'dns-lookups.causeway.msgpack');
  const traces = assembleAll(createSpanIndex(attributeCalls(await spansOf([new Uint8Array(readFileSync(file))]))));
  const asked = traces.map(({ spans }) =>
    spans.filter(({ protocol, tapSide }) => protocol === 'dns' && tapSide === 's-p').map(({ method }) => method),
  );
  const round = [['A', 'AAAA'], ['A', 'AAAA'], ['SRV', 'A'], ['TXT'], ['A', 'AAAA']];
  expect(asked).toEqual([...round, ...round]);
});
