import { expect, it } from 'vitest';
import { L7_PROTOCOLS } from './l7-protocol';
import { PARSERS, PROTOCOL_TABLE } from './registry';

it('asks every parser of the table, each once', () => {
  const inTable = new Set(L7_PROTOCOLS.map((protocol) => PROTOCOL_TABLE[protocol]));
  inTable.delete('not-parsed');
  expect(new Set(PARSERS)).toEqual(inTable);
  expect(PARSERS).toHaveLength(inTable.size);
});
