import type { DurationNs, HostId, RuleCondition, RuleEvidence, SpanId } from '@causeway/core';
import { describe, expect, it } from 'vitest';
import { conditionSentence, failedFirst, nearMissSentence } from './condition-words';

const ms = (value: number) => (value * 1e6) as DurationNs;
const winner = 'w' as SpanId;
const host = 'h1' as HostId;

describe('conditions in words', () => {
  const cases: [RuleCondition, string][] = [
    [{ kind: 'same-process', holds: true, childPid: 7, parentPid: 7 }, 'Both in process 7'],
    [
      { kind: 'same-process', holds: false, childPid: 7, parentPid: 8 },
      'The child ran in process 7, the parent in process 8',
    ],
    [
      { kind: 'covers', holds: true, startMargin: ms(0.21), endMargin: ms(0.3) },
      'The parent started 210 µs earlier and ended 300 µs later',
    ],
    [
      { kind: 'covers', holds: false, startMargin: ms(1), endMargin: ms(-12) },
      'The child ends 12.0 ms after the parent',
    ],
    [
      { kind: 'covers', holds: true, startMargin: ms(1), endMargin: ms(-12), open: 'end' },
      'The parent started 1.00 ms earlier; when it ended was not seen',
    ],
    [
      { kind: 'covers', holds: false, startMargin: ms(-1), endMargin: ms(-12), open: 'end' },
      'The child starts 1.00 ms before the parent',
    ],
    [
      { kind: 'covers', holds: false, startMargin: ms(-1), endMargin: ms(-2) },
      'The child starts 1.00 ms before the parent and ends 2.00 ms after the parent',
    ],
    [
      { kind: 'within-tolerance', holds: true, edge: 'start', difference: ms(0.05), tolerance: ms(50) },
      'The child starts 50.0 µs after the parent; tolerance 50.0 ms',
    ],
    [
      { kind: 'within-tolerance', holds: false, edge: 'end', difference: ms(-62), tolerance: ms(50) },
      'The child ends 62.0 ms before the parent, beyond the tolerance of 50.0 ms',
    ],
    [
      { kind: 'within-tolerance', holds: true, edge: 'start', difference: ms(0), tolerance: ms(50) },
      'Both start at the same instant; tolerance 50.0 ms',
    ],
    [
      {
        ...{ kind: 'within-tolerance', holds: true, edge: 'start', tolerance: ms(60) },
        ...{ difference: ms(-5000), corrected: ms(2) },
      },
      'The child starts 5.00 s before the parent, and 2.00 ms after once the hosts’ clocks are corrected; tolerance 60.0 ms',
    ],
    [
      { kind: 'by-sibling', holds: true, doubt: 'weak-sibling' },
      'Found through another call of the request, whose own link is weak',
    ],
    [
      { kind: 'by-sibling', holds: true, doubt: 'no-end' },
      'Found through another call; nobody answers the parent, so when it was dealt with is not known',
    ],
    [
      { kind: 'likeliest', holds: true, probability: 0.97, best: winner, bestProbability: 0.97 },
      'The likeliest of the requests that were open: 97 %',
    ],
    [
      { kind: 'likeliest', holds: false, probability: 0.02, best: winner, bestProbability: 0.97 },
      'Another request is likelier: 97 % against 2 %',
    ],
    [
      {
        kind: 'sign',
        holds: true,
        sign: { kind: 'occasion', occasion: 'same-thread', child: 7, parent: 3, lag: ms(2), weight: -1.4 },
      },
      'Sent by the request’s thread, in a turn that something else opened, 2.00 ms after it: systrace id 7, the request’s 3 (weight -1.4)',
    ],
    [
      { kind: 'sign', holds: true, sign: { kind: 'turn', before: 0, weight: 0.2 } },
      'No open request had waited longer for such a call (weight +0.2)',
    ],
    [
      { kind: 'sign', holds: true, sign: { kind: 'count', others: 1, weight: 0.5 } },
      'The request makes 1 other call of this kind (weight +0.5)',
    ],
    [
      { kind: 'sign', holds: true, sign: { kind: 'content', content: 'shared-alone', shared: ['42'], weight: 3 } },
      'In common with this request alone: 42 (weight +3)',
    ],
    [
      { kind: 'sign', holds: true, sign: { kind: 'sequence', after: 'MGET', weight: 0 } },
      'As such a request’s step after “MGET”, and with what it did next (weight 0)',
    ],
    [
      { kind: 'field-equal', holds: false, field: 'traceIds', child: 'a', parent: 'b' },
      'The trace id differs: a in the child, b in the parent',
    ],
    [
      { kind: 'preferred', holds: false, by: 'latest-start', winner },
      'Another candidate was better: it starts latest before the child',
    ],
    [
      { kind: 'preferred', holds: true, by: 'nearest-on-path', winner },
      'Best of the candidates: it is the nearest point before the child',
    ],
    [
      { kind: 'same-instance', holds: true, child: { host, pid: 7, service: 'shop' }, parent: { host, pid: 7 } },
      'Both in process 7 of one host',
    ],
    [
      { kind: 'same-instance', holds: true, child: { host, service: 'shop' }, parent: { host, pid: 7 } },
      'Both on one host; the process of the child is not known',
    ],
    [
      { kind: 'same-instance', holds: true, child: { host }, parent: { host }, unknown: true },
      'The application does not say on which of the recorded hosts it ran',
    ],
    [
      { kind: 'same-instance', holds: false, child: { host, pid: 7, service: 'shop' }, parent: { host, pid: 8 } },
      'The child belongs to shop (process 7) on host h1, the parent to process 8 on host h1',
    ],
    [
      { kind: 'leaf', holds: true, below: null },
      'No inner span of the application was at work for the whole of the call',
    ],
    [
      { kind: 'leaf', holds: false, below: winner },
      'An inner span of the application was at work for the whole of the call',
    ],
    [{ kind: 'entry', holds: true, under: null }, 'No span of the same application is the parent'],
    [{ kind: 'entry', holds: false, under: winner }, 'Another span of the same application is the parent'],
    [
      { kind: 'first-on-path', holds: true, before: null },
      'Nothing was seen before the child on the way of the message',
    ],
    [{ kind: 'first-on-path', holds: false, before: winner }, 'The message was seen at a point before the child'],
    [
      { kind: 'last-on-path', holds: true, behind: null },
      'Nothing was seen behind the parent on the way of the message',
    ],
    [{ kind: 'last-on-path', holds: false, behind: winner }, 'The message was seen at a point behind the parent'],
    [
      { kind: 'starts-first', holds: true, difference: ms(3), tolerance: ms(10) },
      'The parent starts 3.00 ms before the child',
    ],
    [
      { kind: 'starts-first', holds: true, difference: ms(-3), tolerance: ms(10) },
      'The parent starts 3.00 ms after the child, within the clocks’ offset of 10.0 ms',
    ],
    [
      { kind: 'starts-first', holds: true, difference: ms(-500), corrected: ms(2), tolerance: ms(10) },
      'The parent starts 2.00 ms before the child',
    ],
    [
      { kind: 'starts-first', holds: false, difference: ms(-12), tolerance: ms(10) },
      'The parent starts 12.0 ms after the child, beyond the clocks’ offset of 10.0 ms',
    ],
    [{ kind: 'outlasts', holds: true, child: ms(1), parent: ms(2) }, 'The parent took 2.00 ms, the child 1.00 ms'],
    [
      { kind: 'outlasts', holds: true, child: ms(1), parent: ms(0), open: true },
      'How long the parent took was not seen',
    ],
    [
      { kind: 'outlasts', holds: false, child: ms(2), parent: ms(1) },
      'The parent took 1.00 ms, less than the child’s 2.00 ms',
    ],
    [
      { kind: 'published-first', holds: true, difference: ms(5), tolerance: ms(0) },
      'It was taken out 5.00 ms after the publishing began',
    ],
    [
      { kind: 'published-first', holds: true, difference: ms(-5), tolerance: ms(10) },
      'It was taken out 5.00 ms before the publishing began, within the clocks’ offset of 10.0 ms',
    ],
    [
      { kind: 'published-first', holds: false, difference: ms(-5), tolerance: ms(0) },
      'It was taken out 5.00 ms before the publishing began',
    ],
    [{ kind: 'no-cycle', holds: true }, 'The link closes no circle'],
    [{ kind: 'no-net-span-between', holds: false, between: winner }, 'A packet span lies between the two'],
  ];
  it.each(cases)('%j', (condition, text) => expect(conditionSentence(condition)).toBe(text));
});

describe('near misses', () => {
  const evidence: RuleEvidence = {
    rule: 'R11',
    child: 'c' as SpanId,
    parent: 'p' as SpanId,
    matched: [
      { child: 'tcpSeqRequest', parent: 'tcpSeqRequest', value: '1' },
      { child: 'tcpSeqResponse', parent: 'tcpSeqResponse', value: '2' },
    ],
    conditions: [
      { kind: 'no-cycle', holds: true },
      { kind: 'covers', holds: false, startMargin: ms(1), endMargin: ms(-12) },
    ],
  };

  it('says what was equal and what it failed on', () => {
    expect(nearMissSentence(evidence)).toBe(
      'TCP sequence of the request and TCP sequence of the response equal; rejected because the child ends 12.0 ms after the parent.',
    );
  });

  it('shows the failed condition first', () => {
    expect(failedFirst(evidence.conditions).map((one) => one.kind)).toEqual(['covers', 'no-cycle']);
  });
});
