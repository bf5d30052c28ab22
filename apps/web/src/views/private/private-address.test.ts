import { expect, it } from 'vitest';
import { placeHref } from '../data/place';
import { traceHref } from '../trace/trace-address';
import { privateAddress } from './private-address';

const ID = '0123456789abcdef0123456789abcdef';
const fragmentOf = (href: string) => href.slice(href.indexOf('#') + 1);

it.each(['captures', 'workspaces'] as const)('reads what links to private %s say', (kind) => {
  const place = { kind, id: ID, isPrivate: true };
  expect(placeHref(place)).toMatch(/^\/private#/);
  expect(privateAddress(fragmentOf(placeHref(place)))).toEqual({ place });
  expect(privateAddress(`${fragmentOf(traceHref(place, 'a b/c'))}?tab=bytes`)).toEqual({ place, span: 'a b/c' });
});

it.each(['', '/captures', `/captures/${ID}x`, `/elsewhere/${ID}`, `/captures/${ID}/spans/x`, `captures/${ID}`])(
  'finds nothing in "%s"',
  (text) => expect(privateAddress(text)).toBeUndefined(),
);
