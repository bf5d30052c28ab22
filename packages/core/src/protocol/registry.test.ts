import { expect, it } from 'vitest';
import { L7_PROTOCOLS } from './l7-protocol';
import { PARSERS, PROTOCOL_TABLE } from './registry';

it('asks every parser of the table, each once', () => {
  const inTable = L7_PROTOCOLS.filter((protocol) => PROTOCOL_TABLE[protocol] !== 'not-parsed');
  expect([...PARSERS.map(({ protocol }) => protocol)].sort()).toEqual([...inTable].sort());
});
