import { afterEach, describe, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** The module as Node has it, and as a browser does. */
const RUNTIMES = { node: () => {}, browser: () => vi.stubGlobal('Buffer', undefined) };

describe.each(['node', 'browser'] as const)('text of bytes in %s', (runtime) => {
  it.each([
    ['nothing', ''],
    ['a short piece', 'GET'],
    ['a piece too long to be remembered', 'x'.repeat(97)],
    ['more than one call takes', '0123456789'.repeat(1000)],
    ['text beyond ASCII', 'grüße 𝄞'],
    ['long text beyond ASCII', 'ü'.repeat(200)],
  ])('reads %s', async (_name, text) => {
    vi.resetModules();
    RUNTIMES[runtime]();
    const { decodeText } = await import('./text');
    const bytes = new TextEncoder().encode(`--${text}--`);
    expect(decodeText(bytes, 2, bytes.length - 2)).toBe(text);
  });
});
