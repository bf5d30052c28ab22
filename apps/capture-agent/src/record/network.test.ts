import { describe, expect, it } from 'vitest';
import { parseNetwork } from './network';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').replace(/0+$/, '');

describe('parseNetwork', () => {
  it.each([
    ['10.0.0.0/8', 4, '0a', 'ff'],
    ['10.1.2.3/8', 4, '0a', 'ff'],
    ['192.168.16.0/20', 4, 'c0a81', 'fffff'],
    ['127.0.0.1', 4, '7f000001', 'ffffffff'],
    ['0.0.0.0/0', 4, '', ''],
    ['[::1]/128', 6, '00000000000000000000000000000001', 'ffffffffffffffffffffffffffffffff'],
    ['::1', 6, '00000000000000000000000000000001', 'ffffffffffffffffffffffffffffffff'],
    ['[fd00::]/7', 6, 'fc', 'fe'],
    ['2001:db8:ffff::/33', 6, '20010db88', 'ffffffff8'],
    ['::ffff:10.0.0.0/8', 4, '0a', 'ff'],
  ])('reads %s', (text, family, address, mask) => {
    const network = parseNetwork(text)!;
    expect({ ...network, address: hex(network.address), mask: hex(network.mask) }).toEqual({
      text,
      family,
      address,
      mask,
    });
  });

  it.each([
    '',
    '10.0.0',
    '10.0.0.0/33',
    '[::1]/129',
    '10.0.0.0/',
    'example.org/8',
    '[::1',
    '10.0.0.0/8/8',
    '300.1.1.1/8',
  ])('does not take %j', (text) => expect(parseNetwork(text)).toBeUndefined());
});
