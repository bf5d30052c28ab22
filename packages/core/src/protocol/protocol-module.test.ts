import { expect, it } from 'vitest';
import { protocolModule } from './protocol-module';

const good = { protocol: 'own', transports: ['tcp'], pairing: 'id', infer: () => 'no', open: () => ({}) };

it('takes a whole parser as it is', () => {
  expect(protocolModule(good)).toEqual({ parser: good });
});

it.each<[unknown, RegExp]>([
  [undefined, /^its default export is missing, not a protocol$/],
  ['own', /^its default export is a string, not a protocol$/],
  [{ ...good, protocol: undefined }, /^"protocol" must be a name/],
  [{ ...good, protocol: 'My Protocol' }, /^"protocol" must be a name/],
  [{ ...good, protocol: 'http' }, /^"http" is a built-in protocol: choose another name$/],
  [{ ...good, transports: 'tcp' }, /^"transports" must be a list/],
  [{ ...good, transports: ['sctp'] }, /^"transports" must be a list/],
  [{ ...good, pairing: undefined }, /^"pairing" must be/],
  [{ ...good, opaque: 'yes' }, /^"opaque" must be/],
  [{ ...good, infer: undefined }, /^"infer" must be a function$/],
  [{ ...good, open: {} }, /^"open" must be a function$/],
])('says what is wrong with %j', (exported, problem) => {
  expect(protocolModule(exported)).toEqual({ problem: expect.stringMatching(problem) });
});
