import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runReplay } from '../src/node';
import { CALLS_BETWEEN_HOSTS as CALLS, captureOfEnd, sampleHeader } from '../src/testing/index';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-hosts-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function replay(skew: bigint, json: boolean) {
  const { realtime } = sampleHeader();
  const paths = [join(folder, `stock${skew}`), join(folder, `web${skew}`)];
  await writeFile(paths[0]!, captureOfEnd('server', 77_000_000_000n, realtime + skew));
  await writeFile(paths[1]!, captureOfEnd('client', 5_000_000_000n, realtime));
  let text = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  expect(await runReplay(paths, { stdout, json })).toBe(0);
  return text;
}

describe('captures of two hosts', () => {
  it.each([
    ['agree', 0n],
    ['differ by 3 ms', 3_000_000n],
    ['differ by 5 s', 5_000_000_000n],
    ['differ by two hours', -7_200_000_000_000n],
  ])('whose clocks %s are assembled together', async (_, skew) => {
    const lines = (await replay(skew, true))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const links = lines.filter(({ kind }) => kind === 'link');
    expect(links).toHaveLength(CALLS);
    expect(new Set(links.map(({ rule }) => rule))).toEqual(new Set(['R11']));
    const clocks = lines.filter(({ kind }) => kind === 'clock');
    expect(clocks).toEqual([
      {
        kind: 'clock',
        host: 'boot of stock',
        against: 'boot of web',
        shiftNs: expect.any(Number),
        earliestNs: -Number(skew) - 1_001_000,
        latestNs: -Number(skew) + 1_001_000,
        links: CALLS,
        ignored: 0,
      },
    ]);
    expect(Math.abs(clocks[0].shiftNs + Number(skew))).toBeLessThanOrEqual(1_001_000);
    const starts = lines.flatMap((line) => (line.tapSide === 's-p' ? [BigInt(line.startNs)] : []));
    const { realtime } = sampleHeader();
    expect(starts[0]).toBe(realtime + skew + 1_001_000n);
  });

  it('are told apart in the text, with the shift of the clock', async () => {
    const text = await replay(5_000_000_000n, false);
    expect(text).toContain('clock of stock: shifted by −5.00 s, from 20 links with web (−5.00 s … −5.00 s would do)');
    expect(text.match(/R11 server-under-client/g)).toHaveLength(CALLS);
  });
});
