import { afterEach, describe, expect, it, vi } from 'vitest';
import { latin1 } from '../event/test-scene';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** The module as Node has it, and as a browser does. */
const RUNTIMES = { node: () => {}, browser: () => vi.stubGlobal('Buffer', undefined) };

describe.each(['node', 'browser'] as const)('text of bytes in %s', (runtime) => {
  it.each([
    ['nothing', '', ''],
    ['a short piece', 'GET', 'GET'],
    ['a piece too long to be remembered', 'x'.repeat(97), 'x'.repeat(97)],
    ['more than one call takes', '0123456789'.repeat(1000), '0123456789'.repeat(1000)],
    ['text beyond ASCII', 'gr\xc3\xbc\xc3\x9fe \xf0\x9d\x84\x9e', 'grüße 𝄞'],
    ['long text beyond ASCII', '\xc3\xbc'.repeat(200), 'ü'.repeat(200)],
    ['what is no UTF-8', 'a\xc3', 'a\ufffd'],
  ])('reads %s', async (_name, bytes, text) => {
    vi.resetModules();
    RUNTIMES[runtime]();
    const { decodeText } = await import('./text');
    expect(decodeText(latin1(`--${bytes}--`), 2, bytes.length + 2)).toBe(text);
  });
});
