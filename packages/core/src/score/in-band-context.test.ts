import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assembleAll } from '../assembly/assemble';
import { createSpanIndex } from '../assembly/memory-span-index';
import { type TestSpanFields, testSpan } from '../testing/index';
import { hideContext, readContext } from './in-band-context';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const PARENT = '00f067aa0ba902b7';
const W3C = `00-${TRACE}-${SPAN}-01`;
const B3 = `${TRACE}-${SPAN}-1-${PARENT}`;
const told = { traceIds: [TRACE], spanId: SPAN };

describe('readContext', () => {
  it.each<[string, TestSpanFields, object | undefined]>([
    ['headers that a parser read', { ...told, parentSpanId: PARENT }, { ...told, parentSpanId: PARENT }],
    ['headers without a parent', told, told],
    ['a comment of a statement', { resource: `SELECT 1 /*traceparent='${W3C}'*/` }, told],
    [
      'the parent in a comment whose traceparent a parser read',
      { ...told, resource: `SELECT 1 /*b3='${B3}',traceparent='${W3C}'*/` },
      { ...told, parentSpanId: PARENT },
    ],
    ['a token in a key', { resource: `mget order:7 b3=${B3}` }, { ...told, parentSpanId: PARENT }],
    ['nothing', { resource: 'GET order:7' }, undefined],
    ['a trace id alone, which names no call', { traceIds: [TRACE] }, undefined],
    ['a digest that only looks like it', { resource: `/files/${TRACE}-${SPAN}.txt` }, undefined],
  ])('finds %s', (_, fields, expected) => {
    expect(readContext(testSpan(fields))).toEqual(expected);
  });
});

describe('hideContext', () => {
  it.each<[string, string, string]>([
    ['a comment', `SELECT 1 /*traceparent='${W3C}'*/`, 'SELECT 1'],
    [
      'a comment with more in it',
      `SELECT 1 /*b3='${B3}',route='%2Fa',traceparent='${W3C}'*/ FROM t`,
      'SELECT 1 FROM t',
    ],
    ['a comment that was cut', `SELECT 1 /*b3='${B3}',trace`, 'SELECT 1'],
    ['a token', `mget order:7 b3=${B3}`, 'mget order:7'],
    ['a bare traceparent', `/orders/7?context=${W3C}`, '/orders/7?'],
    ['its own ids by themselves', `/orders/7?trace=${TRACE}&span=${SPAN}`, '/orders/7?trace=&span='],
  ])('takes %s away and leaves the rest', (_, resource, expected) => {
    expect(hideContext(testSpan({ ...told, resource }), { xRequestIds: false }).resource).toBe(expected);
  });

  it('leaves ordinary comments, ids and X-Request-IDs', () => {
    const span = testSpan({ resource: 'SELECT 1 /* all of them */ WHERE id = 7', xRequestIdRequest: 'a' });
    expect(hideContext(span, { xRequestIds: false })).toMatchObject({
      resource: 'SELECT 1 /* all of them */ WHERE id = 7',
      xRequestIdRequest: 'a',
    });
    expect(hideContext(span, { xRequestIds: true }).xRequestIdRequest).toBeUndefined();
  });

  it('changes no span that it is given', () => {
    const span = Object.freeze(testSpan({ ...told, resource: `get b3=${B3}` }));
    expect(hideContext(span, { xRequestIds: true })).not.toBe(span);
    expect(span.traceIds).toEqual([TRACE]);
  });

  it('leaves no id anywhere, wherever in a text it stood', () => {
    const hex = (length: number) =>
      fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length }).map((c) => c.join(''));
    fc.assert(
      fc.property(hex(32), hex(16), hex(16), fc.string(), fc.string(), (trace, span, parent, before, after) => {
        const token = `${before}00-${trace}-${span}-01${after} b3=${trace}-${span}-1-${parent} ${before}`;
        const hidden = hideContext(
          testSpan({
            traceIds: [trace],
            spanId: span,
            parentSpanId: parent,
            resource: token,
            endpoint: token,
            domain: token,
            exception: token,
          }),
          { xRequestIds: true },
        );
        const text = JSON.stringify(hidden);
        for (const id of [trace, span, parent]) expect(text).not.toContain(id);
      }),
    );
  });

  it('gives the rules that go by headers nothing to go by', () => {
    const ids = { ...told, xRequestIdRequest: 'one', systrace: [undefined] as const };
    const spans = [
      testSpan({ ...ids, id: 'request', tapSide: 's-p', start: 0, end: 10 }),
      testSpan({ ...ids, id: 'call', start: 1, end: 9 }),
    ];
    const rules = (each: typeof spans) =>
      assembleAll(createSpanIndex(each)).flatMap((trace) => [...trace.links.values()].map(({ rule }) => rule));
    expect(rules(spans)).toEqual(['R07']);
    expect(rules(spans.map((span) => ({ ...span, xRequestIdRequest: undefined }) as never))).toEqual(['R08']);
    expect(rules(spans.map((span) => hideContext(span, { xRequestIds: false })))).toEqual(['R07']);
    expect(rules(spans.map((span) => hideContext(span, { xRequestIds: true })))).toEqual([]);
  });
});
