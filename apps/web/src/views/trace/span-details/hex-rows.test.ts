import { expect, it } from 'vitest';
import { decodeBase64, hexRows } from './hex-rows';

it('dumps sixteen bytes a row with their ASCII', () => {
  expect(hexRows(new TextEncoder().encode('GET / HTTP/1.1\r\nHost'))).toEqual([
    { offset: '0000', hex: '47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a', ascii: 'GET / HTTP/1.1··' },
    { offset: '0010', hex: `48 6f 73 74${' '.repeat(14)}`, ascii: 'Host' },
  ]);
  expect(hexRows(new Uint8Array())).toEqual([]);
});

it('reads base64 byte for byte', () => {
  expect([...decodeBase64('AP+A')]).toEqual([0, 255, 128]);
});
