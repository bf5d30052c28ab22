import { describe, expect, it } from 'vitest';
import type { SpanId } from '../base/brand';
import { testSpan } from '../testing/index';
import { bothEnds, hop } from './test-hops';
import { trueParents } from './true-parents';

const truthOf = (spans: Parameters<typeof trueParents>[0], id: string) => trueParents(spans).parents.get(id as SpanId);
const parent = (id: string) => ({ kind: 'parent', parent: id });

describe('between processes', () => {
  it('is the call with the same span id at the other end of the connection', () => {
    const spans = [...bothEnds('client>shop a'), ...bothEnds('client>shop b')];
    expect(truthOf(spans, 's-p client>shop a')).toEqual(parent('c-p client>shop a'));
    expect(truthOf(spans, 's-p client>shop b')).toEqual(parent('c-p client>shop b'));
  });

  it('tells the hops of a header that a proxy passes on as it is', () => {
    const spans = [...bothEnds('client>proxy a'), ...bothEnds('proxy>shop a')];
    expect(truthOf(spans, 's-p client>proxy a')).toEqual(parent('c-p client>proxy a'));
    expect(truthOf(spans, 's-p proxy>shop a')).toEqual(parent('c-p proxy>shop a'));
  });

  it('tells one header sent twice over a connection apart by the first byte of each', () => {
    const again = (side: 'c-p' | 's-p') => hop(side, 'shop>stock a', { id: `${side} again`, seq: [7, 8] });
    const spans = [...bothEnds('shop>stock a'), again('c-p'), again('s-p')];
    expect(truthOf(spans, 's-p shop>stock a')).toEqual(parent('c-p shop>stock a'));
    expect(truthOf(spans, 's-p again')).toEqual(parent('c-p again'));
  });

  it('lies outside when the proxy between was not recorded', () => {
    const spans = [hop('c-p', 'client>proxy a'), hop('s-p', 'proxy>shop a')];
    expect(truthOf(spans, 's-p proxy>shop a')).toEqual({ kind: 'outside' });
  });
});

describe('within a process', () => {
  it('is the request that the call names as its parent', () => {
    const spans = [...bothEnds('client>shop a'), ...bothEnds('client>shop b'), ...bothEnds('shop>stock c<b')];
    expect(truthOf(spans, 'c-p shop>stock c')).toEqual(parent('s-p client>shop b'));
  });

  it('is the request with the same span id in a proxy, whatever parent the header names', () => {
    const spans = [...bothEnds('client>proxy b<a'), ...bothEnds('proxy>shop b<a')];
    expect(truthOf(spans, 'c-p proxy>shop b')).toEqual(parent('s-p client>proxy b'));
  });

  it('holds after the answer was sent', () => {
    const spans = [
      hop('s-p', 'client>shop a', { start: 0, end: 10 }),
      hop('c-p', 'shop>database b<a', { start: 20, end: 30 }),
    ];
    expect(truthOf(spans, 'c-p shop>database b')).toEqual(parent('s-p client>shop a'));
  });

  it('is the one in hand when a header that is passed on came twice', () => {
    const spans = [
      hop('s-p', 'client>proxy a', { id: 'first', start: 0, end: 10 }),
      hop('s-p', 'client>proxy a', { id: 'second', start: 20, end: 30 }),
      hop('c-p', 'proxy>shop a', { start: 22, end: 28 }),
    ];
    expect(truthOf(spans, 'c-p proxy>shop a')).toEqual(parent('second'));
  });

  it('is not that of another process with the same ids', () => {
    const spans = [hop('s-p', 'client>stock a'), hop('c-p', 'shop>database b<a')];
    expect(truthOf(spans, 'c-p shop>database b')).toEqual({ kind: 'outside' });
  });

  it('is the only open request of the trace when the call names none', () => {
    const spans = [
      hop('s-p', 'client>shop a', { start: 0, end: 100 }),
      hop('s-p', 'client>shop b', { start: 0, end: 10 }),
      hop('c-p', 'shop>stock c', { start: 50, end: 60 }),
    ];
    expect(truthOf(spans, 'c-p shop>stock c')).toEqual(parent('s-p client>shop a'));
  });

  it('is left open between several', () => {
    const spans = [
      hop('s-p', 'client>shop a', { start: 0, end: 100 }),
      hop('s-p', 'client>shop b', { start: 0, end: 100 }),
      hop('c-p', 'shop>stock c', { start: 50, end: 60 }),
    ];
    expect(truthOf(spans, 'c-p shop>stock c')).toEqual({
      kind: 'ambiguous',
      among: ['s-p client>shop a', 's-p client>shop b'],
    });
  });
});

it('says nothing of a call without context', () => {
  const spans = [...bothEnds('client>shop a'), testSpan({ id: 'startup', pid: 3 })];
  expect(trueParents(spans).parents.has('startup' as SpanId)).toBe(false);
});
