import { type AssembledTrace, assembleAll, createSpanIndex, type Span, type TimeOrigin } from '@causeway/core';
import { testSpan } from '@causeway/core/testing';
import { describe, expect, it } from 'vitest';
import { renderTraceTree } from './trace-tree';

const options = { origin: 1_767_312_000_000_000_000n as TimeOrigin, ruleName: () => 'the-rule' };

function only(spans: Span[]): AssembledTrace {
  const traces = assembleAll(createSpanIndex(spans));
  expect(traces).toHaveLength(1);
  return traces[0]!;
}

const web = testSpan({
  id: 'web',
  tapSide: 's-p',
  comm: 'web',
  start: 1_000_000,
  end: 5_812_000,
  systrace: [17, 17],
  method: 'GET',
  resource: '/users/7',
  status: 'server_error',
  statusCode: 500,
});
const query = testSpan({
  id: 'query',
  comm: 'web',
  protocol: 'postgresql',
  start: 1_112_000,
  end: 1_500_000,
  systrace: [17, undefined],
  seq: [811, 29],
  socket: 'db',
  method: 'SELECT',
  resource: "SELECT *\n  FROM users WHERE name = \u001b[31m'a rather long name'",
});
const served = testSpan({
  ...{ id: 'served', tapSide: 's-p', pid: 200, comm: 'postgres', protocol: 'postgresql' },
  start: 1_200_000,
  end: 1_400_000,
  seq: [811, 29],
  socket: 'db-server',
});
const lost = testSpan({
  id: 'lost',
  comm: 'web',
  protocol: 'redis',
  start: 2_000_000,
  end: 2_000_900,
  systrace: [17, undefined],
  socket: 'cache',
  method: 'GET',
  resource: 'GET user:7',
  status: 'unknown',
  messageType: 'request',
  incomplete: 'no-response-seen',
});

describe('renderTraceTree', () => {
  it('draws a line for each span with its rule and the values that matched', () => {
    expect(`\n${renderTraceTree(only([lost, served, web, query]), options)}`).toMatchInlineSnapshot(`
      "
      GET /users/7  4.81 ms  4 spans  2026-01-02 00:00:00.001000 UTC
      s-p web/100             http        GET /users/7                    ! 500             4.81 ms     +0 ns
      ├─ c-p web/100          postgresql  SELECT * FROM users WHERE nam…  ok                 388 µs   +112 µs  R05 the-rule  systrace.req=17
      │  └─ s-p postgres/200  postgresql  to 10.0.0.2:80                  ok                 200 µs   +200 µs  R11 the-rule  seq=811/29
      └─ c-p web/100          redis       GET user:7                      no response seen   900 ns  +1.00 ms  R05 the-rule  systrace.req=17"
    `);
  });

  it('keeps lines within 165 columns and on one line, however deep and long', () => {
    const chain = Array.from({ length: 60 }, (_, n) => [
      testSpan({
        id: `s${n}`,
        ...{ tapSide: 's-p', pid: n + 1, comm: `a-service-of-a-long-name-${n}`, systrace: [n, n], seq: [n, n] },
        ...{ start: 1000 * n, end: 1_000_000 - 1000 * n, resource: `/${'x'.repeat(300)}\n\r${n}`, socket: `s${n}` },
      }),
      testSpan({
        id: `c${n}`,
        ...{ tapSide: 'c-p', pid: n + 1, comm: `a-service-of-a-long-name-${n}`, systrace: [n, n], seq: [n + 1, n + 1] },
        ...{ start: 1000 * n + 500, end: 999_500 - 1000 * n, resource: `/${'x'.repeat(300)}\t${n}`, socket: `c${n}` },
      }),
    ]).flat();
    const lines = renderTraceTree(only(chain), options).split('\n');
    expect(lines).toHaveLength(121);
    expect(lines.every((line) => line.length <= 165)).toBe(true);
    expect(lines.at(-1)).toContain('c-p a-service-of-a-long');
  });

  it('says when related spans were left out or the search was stopped', () => {
    const trace = only([web]);
    const text = renderTraceTree({ ...trace, pruned: [query.id], roundsExhausted: true }, options);
    expect(text).toContain('(1 related span not reached from this root: see the other traces)');
    expect(text).toContain('with keys left');
  });

  it('shows what went through a queue, the consumer first', () => {
    const queueMessages = { action: 'publish', names: [{ basis: 'position', value: 'kafka orders-0@42' }] } as const;
    const produce = testSpan({ id: 'produce', comm: 'shop', method: 'Produce', resource: 'orders-0', queueMessages });
    const fetch = testSpan({
      ...{ id: 'fetch', comm: 'mail', host: 'h2', start: 2_000_000, method: 'Fetch', resource: 'orders-0:42' },
      queueMessages: { ...queueMessages, action: 'fetch' },
    });
    const index = createSpanIndex([produce, fetch]);
    const [trace] = assembleAll(index);
    const text = renderTraceTree(trace!, { ...options, spanOf: (id) => index.get(id) });
    expect(text.split('\n').at(-1)).toBe(
      '⇢ c-p mail/100 Fetch orders-0:42  from c-p shop/100 Produce orders-0  X05 the-rule  queue=position:kafka orders-0@42',
    );
  });
});
