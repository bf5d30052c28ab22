import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytes, packetConversation, pcapFile, u16, u32 } from '@causeway/replay/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCommandLine } from '../src/command-line';
import { packageRoot } from '../src/native/package-root';
import { scratchFolder } from './support/recorded';

const folder = scratchFolder();
const file = (name: string) => join(folder.path, name);
afterAll(() => folder.remove());
afterEach(() => vi.restoreAllMocks());

const LEDGER = join(packageRoot(), '..', '..', 'examples', 'protocols', 'ledger.js');

/** The command itself, without the half second that a process takes to start. */
async function causeway(...args: string[]) {
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text, ...rest: unknown[]) => {
      written[name] += String(text);
      const done = rest.at(-1);
      if (typeof done === 'function') done();
      return true;
    });
  }
  const status = await runCommandLine(args);
  vi.restoreAllMocks();
  return {
    status,
    ...written,
    lines: () =>
      written.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
  };
}

function ledger(kind: 'Q' | 'A' | 'N', id: number, body: string): Uint8Array {
  return bytes('LGR1', kind, u16(id), u32(body.length), body);
}

const CONVERSATION = packetConversation([
  ['>', ledger('Q', 1, 'PAY acct-17 250\ntrace: 4bf92f3577b34da6a3ce929d0e0e4736')],
  ['>', ledger('Q', 2, 'SHOW acct-9')],
  ['<', ledger('N', 0, 'closing at five')],
  ['<', ledger('A', 2, 'ok 31')],
  ['<', ledger('A', 1, '402 not enough on acct-17')],
  ['>', ledger('Q', 3, `NOTE acct-9 ${'x'.repeat(4000)}`)],
  ['<', ledger('A', 3, 'ok')],
]);

beforeAll(() => {
  writeFileSync(file('ledger.pcap'), pcapFile(CONVERSATION));
  const headsOnly = CONVERSATION.map((each) => ({
    ...each,
    frame: each.frame.slice(0, 100),
    wireLength: each.frame.length,
  }));
  writeFileSync(file('heads.pcap'), pcapFile(headsOnly));
  // As an older version of the tool, or another: they are plain files of the user's.
  writeFileSync(file('no-pairing.mjs'), 'export default { protocol: "x", transports: ["tcp"], infer() {}, open() {} }');
  writeFileSync(file('no-default.mjs'), 'export const protocol = "x"');
  writeFileSync(file('throws.mjs'), 'throw new Error("no licence")');
  writeFileSync(file('syntax.mjs'), 'export default {');
  writeFileSync(
    file('fails.mjs'),
    `export default { protocol: "fails", transports: ["tcp"], pairing: "order",
       infer: (cursor) => (cursor.peek() === 76 ? "request" : "no"),
       open: () => ({ parse() { throw new Error("not\\nyet") }, resume() {} }) }`,
  );
  writeFileSync(
    file('old-style.cjs'),
    `module.exports = { protocol: "old-style", transports: ["tcp"], pairing: "order", opaque: true,
       infer: (cursor) => (cursor.peek() === 76 ? "request" : "no"), open() {} }`,
  );
});

describe('the example protocol', () => {
  it('is read out of packets', async () => {
    const { status, lines, stderr } = await causeway('messages', file('ledger.pcap'), '--json', '--protocol', LEDGER);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(
      lines().map(({ protocol, type, requestId, method, endpoint, status }) => [
        protocol,
        type,
        requestId,
        method,
        endpoint,
        status,
      ]),
    ).toEqual([
      ['ledger', 'request', 1, 'PAY', 'PAY {account}', undefined],
      ['ledger', 'request', 2, 'SHOW', 'SHOW {account}', undefined],
      ['ledger', 'oneway', 0, 'NOTICE', undefined, undefined],
      ['ledger', 'response', 2, undefined, undefined, 'ok'],
      ['ledger', 'response', 1, undefined, undefined, 'client_error'],
      ['ledger', 'request', 3, 'NOTE', 'NOTE {account}', undefined],
      ['ledger', 'response', 3, undefined, undefined, 'ok'],
    ]);
  });

  it('makes spans, with the answers that came out of order', async () => {
    const { lines } = await causeway('replay', file('ledger.pcap'), '--json', '--protocol', LEDGER);
    const spans = lines().filter(({ kind }) => kind === 'span');
    expect(spans.map(({ protocol, method, statusCode, traceIds }) => [protocol, method, statusCode, traceIds])).toEqual(
      expect.arrayContaining([
        ['ledger', 'PAY', 402, ['4bf92f3577b34da6a3ce929d0e0e4736']],
        ['ledger', 'SHOW', 'ok', []],
        ['ledger', 'NOTE', 'ok', []],
        ['ledger', 'NOTICE', undefined, []],
      ]),
    );
    expect(spans).toHaveLength(4);
    expect(lines().at(-1)).toMatchObject({ kind: 'coverage', unknownSockets: 0, parserErrors: 0 });
  });

  it('is seen by a trigger of the flight recorder', async () => {
    await causeway('import', file('ledger.pcap'), '-o', file('ledger.causeway.msgpack'));
    const watch = (...args: string[]) =>
      spawnSync(
        process.execPath,
        ['--import', 'tsx', join(packageRoot(), 'src', 'main.ts'), 'watch', ...args, 'error'],
        {
          input: readFileSync(file('ledger.causeway.msgpack')),
          encoding: 'utf8',
          cwd: packageRoot(),
        },
      );
    expect(watch('--protocol', LEDGER).stdout).toMatch(/^[^\n]*PAY[^\n]*\n$/);
    expect(watch().stdout).toBe('');
    expect(watch('--protocol', file('no-default.mjs'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('its default export is missing'),
    });
  });

  it('reads what there is of payload that was cut', async () => {
    const { lines } = await causeway('messages', file('heads.pcap'), '--json', '--protocol', LEDGER);
    expect(lines()).toHaveLength(7);
    expect(lines()[5]).toMatchObject({ method: 'NOTE', length: 4011 + 'NOTE acct-9 '.length, truncated: true });
  });

  it('is unknown without the module', async () => {
    const { lines } = await causeway('replay', file('ledger.pcap'), '--json');
    expect(lines()).toEqual([expect.objectContaining({ kind: 'coverage', unknownSockets: 1, spans: 0 })]);
  });
});

describe('a module that is of no use stops the command with one sentence', () => {
  it.each([
    ['missing.mjs', /there is no such file\.$/],
    ['no-default.mjs', /its default export is missing, not a protocol\.$/],
    ['no-pairing.mjs', /"pairing" must be "order" or "id"\.$/],
    ['throws.mjs', /it could not be loaded: Error: no licence\.$/],
    ['syntax.mjs', /it could not be loaded: .*Error: .*[^.]\.$/],
  ])('%s', async (name, sentence) => {
    for (const command of ['messages', 'replay', 'score']) {
      const { status, stdout, stderr } = await causeway(command, file('ledger.pcap'), '--protocol', file(name));
      expect(status).toBe(2);
      expect(stdout).toBe('');
      expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(sentence)]);
      expect(stderr).toContain(`causeway: --protocol ${file(name)}: `);
    }
  });

  it('two of one name', async () => {
    const twice = ['--protocol', LEDGER, '--protocol', LEDGER];
    const { status, stderr } = await causeway('messages', file('ledger.pcap'), ...twice);
    expect(status).toBe(2);
    expect(stderr).toContain('another module brings a protocol "ledger" too');
  });
});

it('a parser that throws is told, counted, and spoils nothing else', async () => {
  const modules = ['--protocol', file('fails.mjs'), '--protocol', LEDGER];
  const { status, stderr, lines } = await causeway('replay', file('ledger.pcap'), '--json', ...modules);
  expect(status).toBe(1);
  expect(stderr).toBe(
    'causeway: the parser of fails failed 1 time, and what it failed on was left out; first: Error: not yet\n',
  );
  expect(lines()).toEqual([expect.objectContaining({ kind: 'coverage', parserErrors: 1 })]);
});

it('a module may be CommonJS, and say that it is opaque', async () => {
  const { status, lines } = await causeway(
    'replay',
    file('ledger.pcap'),
    '--json',
    '--protocol',
    file('old-style.cjs'),
  );
  expect(status).toBe(0);
  expect(lines()).toEqual([expect.objectContaining({ kind: 'coverage', unknownSockets: 0, spans: 0 })]);
});
