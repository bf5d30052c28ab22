import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SysSpan } from '../span/span';
import { testSpan, traceFromText } from '../testing/index';
import { type AssociationKey, KEY_KINDS } from './association-key';
import { associationKeys, keyKind, visitKeyText } from './span-keys';

describe('associationKeys', () => {
  test('names kind, scope and value, the request before the response', () => {
    const [span] = traceFromText('a [--] s-p web@h7 sys=3/4 seq=10/20 xid=x/y trace=t1,t2');
    expect(associationKeys({ ...(span as SysSpan), pseudoThreadId: 8 })).toEqual([
      'systrace|h7|3',
      'systrace|h7|4',
      'pseudo-thread|h7|101|8',
      'x-request-id||x',
      'x-request-id||y',
      'tcp-seq|request|10',
      'tcp-seq|response|20',
      'trace-id||t1',
      'trace-id||t2',
    ]);
  });

  test('holds each key once', () => {
    const [span] = traceFromText('a [--] s-p web sys=3/3 xid=x/x trace=t,t');
    expect(associationKeys(span!)).toEqual(['systrace|h1|3', 'x-request-id||x', 'trace-id||t']);
  });

  test('sequences 0 and equal ones of the two directions are keys like any other', () => {
    expect(associationKeys(testSpan({ seq: [0, 0] }))).toEqual(['tcp-seq|request|0', 'tcp-seq|response|0']);
  });

  test('what is not known or empty gives no key', () => {
    expect(associationKeys(testSpan({ traceIds: [''], xRequestIdRequest: '' }))).toEqual([]);
  });

  test('a key in text comes apart into what it was made of, whatever characters the values hold', () => {
    const text = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(text, text, text, fc.nat(), fc.nat(), (host, xid, traceId, systrace, seq) => {
        const span = testSpan({ host, xRequestIdRequest: xid, traceIds: [traceId], systrace: [systrace], seq: [seq] });
        for (const key of associationKeys(span)) {
          visitKeyText(key, (kind, scope, value) => {
            expect(`${kind}|${scope}|${value}`).toBe(key);
            expect(keyKind(key)).toBe(kind);
            expect(typeof value).toBe(kind === 'systrace' || kind === 'tcp-seq' ? 'number' : 'string');
          });
        }
      }),
    );
  });

  test('every kind can be told from its text', () => {
    for (const kind of KEY_KINDS) expect(keyKind(`${kind}|scope|1` as AssociationKey)).toBe(kind);
  });
});
