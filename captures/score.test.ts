import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { ScoreReport } from '@causeway/core';
import { runScore, type ScoreCommandOptions } from '@causeway/replay/node';
import { describe, expect, it } from 'vitest';

const fileOf = (name: string) => join(import.meta.dirname, name, `${name}.causeway.msgpack`);

class Collected extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function score(names: readonly string[], options: ScoreCommandOptions = {}) {
  const stdout = new Collected();
  const stderr = new Collected();
  const status = await runScore(names.map(fileOf), { ...options, stdout, stderr });
  return { status, text: stdout.text, lines: stdout.text.split('\n').slice(0, -1), errors: stderr.text };
}
const report = async (name: string, options: ScoreCommandOptions = {}): Promise<ScoreReport> =>
  JSON.parse((await score([name], { ...options, json: true })).text);

describe('the links agree with the trace context that the programs handed on, at least as often as this', () => {
  it.each([
    { name: 'go-keep-alive', precision: 0.94, recall: 0.93 },
    { name: 'haproxy-front', precision: 0.97, recall: 0.97 },
    { name: 'java-hand-over', precision: 1, recall: 0.97 },
    { name: 'nats-consumer', precision: 0.75, recall: 0.75 },
    { name: 'node-one-connection', precision: 0.91, recall: 0.91 },
    { name: 'node-shared-pool', precision: 0.94, recall: 0.93 },
    { name: 'python-asyncio', precision: 0.86, recall: 0.8 },
  ])('$name: precision $precision, recall $recall', async ({ name, precision, recall }) => {
    const found = await report(name);
    expect(found.links).toBeGreaterThan(150);
    expect(found.precision).toBeGreaterThanOrEqual(precision);
    expect(found.recall).toBeGreaterThanOrEqual(recall);
  });
});

describe('causeway score', () => {
  it('adds up', async () => {
    const found = await report('node-shared-pool');
    for (const key of ['links', 'correct', 'wrong', 'missing'] as const) {
      const sum = (tallies: readonly { readonly [name in typeof key]: number }[]) =>
        tallies.reduce((total, tally) => total + tally[key], 0);
      expect(sum([found.withinProcess, found.betweenProcesses])).toBe(found[key]);
      expect(sum(found.byConcurrency)).toBe(found[key]);
      expect(sum(Object.values(found.byComm))).toBe(found[key]);
    }
    const rules = Object.values(found.byRule);
    expect(rules.reduce((total, rule) => total + rule.correct, 0)).toBe(found.correct);
    expect(rules.reduce((total, rule) => total + rule.wrong, 0)).toBe(found.wrong);
    expect(found.precision).toBe(found.correct / (found.correct + found.wrong));
    expect(found.recall).toBe(found.correct / found.links);
  });

  it('knows the truth of every hop between processes, and of every call with a context', async () => {
    // 33 requests: client → HAProxy → Python, and one statement or two for most of them.
    const { links, betweenProcesses, unjudged } = await report('haproxy-front', { disableRule: ['R05', 'R06'] });
    expect(betweenProcesses).toMatchObject({ wrong: 0, missing: 0, precision: 1, recall: 1 });
    expect(links).toBe(betweenProcesses.links + (betweenProcesses.links - 33));
    expect(unjudged).toBe(0);
  });

  it('sees the loss when a rule is left out', async () => {
    const without = await report('java-hand-over', { disableRule: ['R11'] });
    expect(without.betweenProcesses).toMatchObject({ correct: 0, wrong: 0, recall: 0 });
    expect(without.byRule).not.toHaveProperty('R11');
  });

  it('draws tables for people, and says of each mistake what was compared', async () => {
    const { text, status, errors } = await score(['nats-consumer'], { wrong: 3 });
    expect({ status, errors }).toEqual({ status: 0, errors: '' });
    expect(text).toMatch(
      /true links +right +wrong +missing +precision +recall\nall +\d+ +\d+ +\d+ +\d+ +[\d.]+ % +[\d.]+ %\n/,
    );
    expect(text).toMatch(/\nR11 server-under-client +\d+ +0 +100\.00 %\n/);
    expect(text).toMatch(/\nWrong links \(\d of \d+\)\n/);
    expect(text).toMatch(/\nMissing links \(\d of \d+\)\n?/);
  });

  it('lists wrong links for programs, one object a line after the report', async () => {
    const { lines } = await score(['node-one-connection'], { wrong: 2, json: true });
    const [first, ...wrong] = lines.map((line) => JSON.parse(line));
    expect(first.wrong).toBeGreaterThanOrEqual(wrong.length);
    for (const each of wrong) {
      expect(each).toMatchObject({ kind: 'wrong', child: expect.any(String), parent: expect.any(String) });
      expect(each.trueParent).not.toBe(each.parent);
    }
  });

  it('says so when no call carries context', async () => {
    const { status, errors } = await score(['nginx-node-one-at-a-time']);
    expect(status).toBe(1);
    expect(errors).toContain('no call of these captures carries trace context');
  });

  it('gives the same output every time, and takes several files together', async () => {
    const names = ['haproxy-front', 'java-hand-over'];
    const one = await score(names, { wrong: 5 });
    expect((await score(names, { wrong: 5 })).text).toBe(one.text);
    const sum = (await report(names[0]!)).links + (await report(names[1]!)).links;
    expect(JSON.parse((await score(names, { json: true })).text).links).toBe(sum);
  });
});
