import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { SysSpan } from '@causeway/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/native/package-root';
import { goidOffsetOf, goProgram, returnsIn } from '../src/probes/go';
import { LACKING, readCapture, recordBytes, scratchFolder } from './support/recorded';
import { replayed } from './support/replayed';

const hasGo = spawnSync('go', ['version']).status === 0;
const lacks = LACKING || (hasGo ? '' : 'the go command');
const REQUESTS = 5;

it.each([
  ['go1.17.3', undefined],
  ['go1.19.8', 152],
  ['go1.22', 152],
  ['go1.23.1 X:nocoverageredesign', 160],
  ['go1.99', undefined],
  ['devel', undefined],
])('the id of a goroutine, in %s, stands at %s', (version, offset) => {
  expect(goidOffsetOf(version)).toBe(offset);
});

it('finds where a function returns', () => {
  const code = [
    0x48, 0x83, 0xc4, 0x48, 0xc3, 0xc3, 0x90, 0x48, 0x81, 0xc4, 0, 1, 0, 0, 0x5d, 0xc3, 0xb8, 0xc3, 0, 0, 0,
  ];
  expect(returnsIn(Uint8Array.from(code))).toEqual([4, 15]);
  expect(returnsIn(Uint8Array.from([0x48, 0x83, 0xc4]))).toEqual([]);
});

describe.skipIf(lacks !== '')(`goroutines${lacks && ` (needs ${lacks})`}`, () => {
  const folder = scratchFolder();
  const program = join(folder.path, 'hop');
  afterAll(() => folder.remove());
  beforeAll(() => {
    const source = join(packageRoot(), 'test', 'support', 'hop.go');
    const { stderr, status } = spawnSync('go', ['build', '-o', program, source], {
      encoding: 'utf8',
      env: { ...process.env, GOCACHE: join(folder.path, 'cache'), GOFLAGS: '-mod=mod', GO111MODULE: 'off' },
    });
    expect(status, stderr).toBe(0);
  }, 300_000);

  it('are found in the program: the version, and where one is made', () => {
    const found = goProgram(program)!;
    expect(found.version).toMatch(/^go1\.\d+/);
    expect(found.points.map((point) => point.program)).toEqual(['go_newproc', 'go_newproc_return']);
    expect(goProgram(process.execPath)).toBeUndefined();
  });

  it('tie what a handler asks of others to what it was asked, with five at once', async () => {
    const bytes = await recordBytes({ command: [program, String(REQUESTS)] }, { go: true });
    const { events } = readCapture(bytes);
    const { spans, links } = await replayed(bytes);
    const front = (spans as SysSpan[]).filter(({ tapSide, resource }) => tapSide === 's-p' && /^\/\d$/.test(resource!));
    const asked = (spans as SysSpan[]).filter(
      ({ tapSide, resource }) => tapSide === 'c-p' && resource!.startsWith('/stock'),
    );
    expect([front.length, asked.length]).toEqual([REQUESTS, REQUESTS]);
    expect(new Set(front.map(({ pseudoThreadId }) => pseudoThreadId)).size).toBe(REQUESTS);
    for (const child of asked) {
      const parent = front.find(({ resource }) => child.resource === `/stock${resource}`)!;
      expect(child.pseudoThreadId).toBe(parent.pseudoThreadId);
      expect(links.find((link) => link.child === child.id)).toMatchObject({ parent: parent.id, rule: 'R05' });
    }
    expect(events.some(({ thread }) => thread.coroutine !== thread.pseudoThread)).toBe(true);
  });

  it('are not told apart unless asked for', async () => {
    const { events } = readCapture(await recordBytes({ command: [program, '1'] }));
    expect(events.length).toBeGreaterThan(10);
    expect(events.every(({ thread }) => thread.coroutine === undefined && thread.pseudoThread === undefined)).toBe(
      true,
    );
  });
});
