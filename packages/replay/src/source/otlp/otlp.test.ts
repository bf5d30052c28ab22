import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AppSpan, appSpans, type Nanoseconds } from '@causeway/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaptureItem } from '../../format/capture-reader';
import {
  protobufBytes as bytesField,
  protobufFixed64 as fixed64Field,
  protobufInt as intField,
  joinBytes,
} from '../../testing/index';
import { readAnySource } from '../any-source';
import { decodeJsonTraces } from './decode-json';
import { decodeProtobufTraces } from './decode-protobuf';
import { recogniseOtlp } from './recognise-otlp';

const FOLDER = join(import.meta.dirname, '../../../test/otlp-exporter');
const PROTOBUF = new Uint8Array(readFileSync(join(FOLDER, 'checkout.pb')));
const JSON_BYTES = new Uint8Array(readFileSync(join(FOLDER, 'checkout.jsonl')));
const utf8 = new TextEncoder();

async function readAll(...chunks: Uint8Array[]) {
  const items: CaptureItem[] = [];
  for await (const item of readAnySource(chunks)) items.push(item);
  const spans = items.flatMap((item) =>
    item.kind === 'thirdPartySpans'
      ? [...appSpans(item.spans.resourceSpans, (epoch) => Number(epoch) as Nanoseconds)]
      : [],
  );
  const problems = items.flatMap((item) => (item.kind === 'damage' ? [item.problem] : []));
  return { items, spans, problems };
}

/** Without what differs from run to run of the exporter. */
function named(spans: readonly AppSpan[]) {
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  return spans.map(({ id, traceIds, spanId, parentSpanId, reportedLinks, ...span }) => ({
    ...span,
    parent: names.get(parentSpanId),
    links: reportedLinks?.map((link) => names.get(link.spanId)),
  }));
}

describe('what real exporters send', () => {
  it('means the same in protobuf and in JSON', async () => {
    const [binary, json] = [await readAll(PROTOBUF), await readAll(JSON_BYTES)];
    expect(binary.problems).toEqual([]);
    expect(named(binary.spans)).toEqual(named(json.spans));
    expect(named(binary.spans)).toMatchObject([
      {
        tapSide: 'c-app',
        protocol: 'postgresql',
        method: 'SELECT',
        resource: 'SELECT * FROM cart WHERE id = 7',
        endpoint: 'SELECT * FROM cart WHERE id = ?',
        domain: 'shop',
        status: 'server_error',
        exception: 'TypeError: no such cart',
        parent: 'GET /cart/:id',
      },
      { tapSide: 'app', protocol: 'app', resource: 'price', parent: 'GET /cart/:id', links: ['SELECT cart'] },
      {
        tapSide: 's-app',
        protocol: 'http',
        serviceName: 'checkout',
        instance: 'checkout-1',
        hostName: 'web-1',
        pid: 4711,
        method: 'GET',
        resource: '/cart/7?full=1',
        endpoint: '/cart/:id',
        domain: 'shop.test:8080',
        version: '1.1',
        statusCode: 404,
        status: 'client_error',
        xRequestIdRequest: 'req-1',
        attributes: { flags: '[1,2,3]', ratio: 0.5, ok: true },
      },
    ]);
  });

  it('is read alike wherever it is cut', async () => {
    for (const file of [PROTOBUF, JSON_BYTES, prefixed(PROTOBUF)]) {
      const { spans } = await readAll(file);
      expect(spans).toHaveLength(3);
      for (let at = 0; at < file.length; at += 37) {
        const cut = await readAll(file.slice(0, at), file.slice(at, at + 5), file.slice(at + 5));
        expect(cut.spans).toEqual(spans);
      }
    }
  });

  it('yields what is whole when the file ends too soon', async () => {
    for (const file of [PROTOBUF, JSON_BYTES, prefixed(PROTOBUF)]) {
      const { spans, problems } = await readAll(file, file.slice(0, 700));
      expect(spans).toHaveLength(3);
      expect(problems).toMatchObject([{ kind: 'truncated', from: file.length, to: file.length + 700 }]);
    }
  });
});

/** As the collector's file exporter writes protobuf. */
function prefixed(message: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, message.length);
  return joinBytes([length, message]);
}

const SPAN = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  name: 'work',
  kind: 2,
  startTimeUnixNano: '1767323045000000001',
  endTimeUnixNano: '1767323045000000009',
};
const request = (...spans: unknown[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const lines = (...values: unknown[]) =>
  utf8.encode(values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('\n'));

describe('JSON', () => {
  const only = (value: unknown) => decodeJsonTraces(value)?.resourceSpans[0]?.scopeSpans[0]?.spans[0];

  it('is read in snake_case, with numbers, names of enums and ids in base64', () => {
    const span = only({
      resource_spans: [
        {
          scope_spans: [
            {
              spans: [
                {
                  trace_id: 'S/kvNXezTaajzpKdDg5HNg==',
                  span_id: 'APBnqgupArc=',
                  name: 'work',
                  kind: 'SPAN_KIND_SERVER',
                  start_time_unix_nano: '1767323045000000001',
                  end_time_unix_nano: '1767323045000000009',
                  status: { code: 'STATUS_CODE_ERROR' },
                },
              ],
            },
          ],
        },
      ],
    });
    const plain = only(request(SPAN));
    expect(span).toEqual({ ...plain, status: { code: 2 } });
    expect(plain).toMatchObject({ traceId: SPAN.traceId, startTimeUnixNano: 1767323045000000001n, kind: 2 });
  });

  it('keeps every type of attribute', () => {
    const values = {
      text: { stringValue: 'a' },
      whole: { intValue: '-7' },
      wide: { intValue: '9007199254740993' },
      real: { doubleValue: 0.25 },
      nan: { doubleValue: 'NaN' },
      truth: { boolValue: false },
      list: { arrayValue: { values: [{ intValue: 1 }, { stringValue: 'b' }] } },
      map: { kvlistValue: { values: [{ key: 'c', value: { boolValue: true } }] } },
      nothing: {},
    };
    const attributes = Object.entries(values).map(([key, value]) => ({ key, value }));
    expect({ ...only(request({ ...SPAN, attributes }))?.attributes }).toEqual({
      text: 'a',
      whole: -7,
      wide: 9007199254740993n,
      real: 0.25,
      nan: Number.NaN,
      truth: false,
      list: [1, 'b'],
      map: { c: true },
      nothing: null,
    });
  });

  it.each([
    ['no trace id', { traceId: undefined }],
    ['a trace id of zeros', { traceId: '0'.repeat(32) }],
    ['a span id that is too short', { spanId: 'abc' }],
    ['no start', { startTimeUnixNano: undefined }],
    ['a start before 1970', { startTimeUnixNano: '-1' }],
    ['a start beyond all clocks', { startTimeUnixNano: '99999999999999999999' }],
  ])('leaves out a span with %s and says so', async (_, wrong) => {
    const { spans, problems } = await readAll(lines(request(SPAN, { ...SPAN, ...wrong })));
    expect(spans).toHaveLength(1);
    expect(problems).toEqual([{ kind: 'rejected-spans', count: 1 }]);
  });

  it('a span that has not ended, or ends before its start, takes no time', () => {
    for (const endTimeUnixNano of [undefined, '1767323045000000000']) {
      expect(only(request({ ...SPAN, endTimeUnixNano }))?.endTimeUnixNano).toBe(1767323045000000001n);
    }
  });

  it('is read line by line, over many lines, and behind a byte order mark', async () => {
    for (const file of [
      lines(request(SPAN), '', request(SPAN), ''),
      utf8.encode(JSON.stringify(request(SPAN, SPAN), null, 2)),
      utf8.encode(`\uFEFF${JSON.stringify(request(SPAN, SPAN))}`),
      lines({ resourceMetrics: [] }, request(SPAN, SPAN)),
    ]) {
      const { spans, problems } = await readAll(file);
      expect(spans).toHaveLength(2);
      expect(problems).toEqual([]);
    }
  });

  it('a broken line costs no more than itself', async () => {
    const good = request(SPAN);
    const half = JSON.stringify(good).slice(0, 90);
    const { spans, problems } = await readAll(lines(good, half, good, '{"other": 1}', good));
    expect(spans).toHaveLength(3);
    expect(problems.map(({ kind }) => kind)).toEqual(['corrupt', 'corrupt']);
  });
});

describe('protobuf', () => {
  const spanMessage = [
    ...bytesField(1, Buffer.from(SPAN.traceId, 'hex')),
    ...bytesField(2, Buffer.from(SPAN.spanId, 'hex')),
    ...bytesField(5, 'work'),
    ...intField(6, 2),
    ...fixed64Field(7, 1767323045000000001n),
    ...fixed64Field(8, 1767323045000000009n),
  ];
  const message = (span: number[]) => Uint8Array.from(bytesField(1, bytesField(2, bytesField(2, span))));

  it('gives the same span as JSON', () => {
    expect(decodeProtobufTraces(message(spanMessage))?.resourceSpans[0]?.scopeSpans).toEqual(
      decodeJsonTraces(request(SPAN))?.resourceSpans[0]?.scopeSpans,
    );
  });

  it('keeps every type of attribute', () => {
    const entry = (key: string, value: number[]) => bytesField(9, [...bytesField(1, key), ...bytesField(2, value)]);
    const attributes = decodeProtobufTraces(
      message([
        ...spanMessage,
        ...entry('text', bytesField(1, 'a')),
        ...entry('whole', intField(3, -7n)),
        ...entry('wide', intField(3, 9007199254740993n)),
        ...entry('truth', intField(2, 1)),
        ...entry('list', bytesField(5, bytesField(1, intField(3, 1)))),
        ...entry('map', bytesField(6, bytesField(1, [...bytesField(1, 'c'), ...bytesField(2, bytesField(1, 'd'))]))),
        ...entry('bytes', bytesField(7, [1, 2, 3])),
        ...entry('nothing', []),
      ]),
    )?.resourceSpans[0]?.scopeSpans[0]?.spans[0]?.attributes;
    expect({ ...attributes }).toEqual({
      text: 'a',
      whole: -7,
      wide: 9007199254740993n,
      truth: true,
      list: [1],
      map: { c: 'd' },
      bytes: 'AQID',
      nothing: null,
    });
  });

  it('skips fields it does not know and refuses a message that is cut', () => {
    const later = message([...spanMessage, ...bytesField(99, 'new'), ...intField(100, 5)]);
    expect(decodeProtobufTraces(later)?.spanCount).toBe(1);
    expect(decodeProtobufTraces(later.subarray(0, later.length - 1))).toBeUndefined();
  });

  it('reads a value nested without end to a depth', () => {
    let value = bytesField(1, 'deep');
    for (let i = 0; i < 2000; i++) value = bytesField(5, bytesField(1, value));
    const nested = message([...spanMessage, ...bytesField(9, [...bytesField(1, 'k'), ...bytesField(2, value)])]);
    expect(decodeProtobufTraces(nested)?.spanCount).toBe(1);
  });
});

describe('never throws', () => {
  it('on any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void decodeProtobufTraces(bytes)));
  });

  it('on a message of which some bytes were changed', () => {
    const change = fc.tuple(fc.nat(PROTOBUF.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
        const changed = PROTOBUF.slice();
        for (const [at, byte] of changes) changed[at] = byte;
        const { resourceSpans = [] } = decodeProtobufTraces(changed) ?? {};
        for (const span of appSpans(resourceSpans, (epoch) => Number(epoch) as Nanoseconds)) JSON.stringify(span);
      }),
    );
  });

  it('on any JSON', () => {
    const names = ['resourceSpans', 'scopeSpans', 'spans', 'attributes', 'value', 'key', 'links', 'traceId', 'kind'];
    const { any } = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'medium' },
        fc.string(),
        fc.double(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom(...names), tie('any'), { maxKeys: 6 }),
      ),
    }));
    fc.assert(fc.property(any, (value) => void decodeJsonTraces({ resourceSpans: [value, request(value)] })));
  });
});

describe('recogniseOtlp', () => {
  it.each([
    ['JSON', JSON_BYTES, 'json'],
    ['protobuf', PROTOBUF, 'protobuf'],
    ['protobuf behind lengths', prefixed(PROTOBUF), 'length-prefixed'],
    ['logs of a collector', utf8.encode('{"resourceLogs":[]}'), 'json'],
    ['other JSON', utf8.encode('{"spans":[]}'), undefined],
    ['pcapng', Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a, 0x1c, 0, 0, 0, 0x4d, 0x3c), undefined],
    ['text that begins with an empty line', utf8.encode('\n\nhello\n'), undefined],
    ['a comment behind an empty line', utf8.encode('\n#\n#\n'), undefined],
    ['nothing', new Uint8Array(0), undefined],
  ])('%s', (_, head, form) => {
    expect(recogniseOtlp(head.subarray(0, 64))).toBe(form);
  });
});
