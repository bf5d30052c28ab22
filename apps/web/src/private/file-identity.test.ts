import { expect, it } from 'vitest';
import { identityOf, identityOfAll } from './file-identity';

const MIB = 1024 * 1024;
const fileWith = (at: number, name = 'a') => {
  const bytes = new Uint8Array(MIB);
  bytes[at] = 1;
  return new File([bytes], name);
};

it('is the same for the same bytes, whatever the file is called', async () => {
  const id = await identityOf(fileWith(0));
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(await identityOf(fileWith(0, 'b'))).toBe(id);
});

it('differs where a file begins, in its middle, where it ends, and in its length', async () => {
  const files = [fileWith(0), fileWith(MIB / 2), fileWith(MIB - 1), new File([new Uint8Array(MIB + 1)], 'a')];
  expect(new Set(await Promise.all(files.map(identityOf))).size).toBe(files.length);
});

it('of several does not depend on the order in which they were chosen', () => {
  expect(identityOfAll(['a', 'b'])).toBe(identityOfAll(['b', 'a']));
  expect(identityOfAll(['a', 'b'])).not.toBe(identityOfAll(['a']));
});
