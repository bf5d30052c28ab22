import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { HostId } from '@causeway/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandStreams, runInspect, runMessages, runReplay } from '../src/node';
import { captureOf, eventBlockFromRows, requestRows, sampleCapture } from '../src/testing/index';

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-commands-'));
  const whole = sampleCapture();
  const damaged = whole.slice();
  damaged[700] = damaged[700]! ^ 1;
  await writeFile(at('whole'), whole);
  await writeFile(at('other'), sampleCapture({ hostId: 'other' as HostId }));
  await writeFile(at('cut'), whole.subarray(0, 2000));
  await writeFile(at('damaged'), damaged);
  await writeFile(at('empty'), '');
  await writeFile(at('text'), 'hello');
  await writeFile(
    at('no-events'),
    captureOf(() => {}),
  );
  const many = Array.from({ length: 3000 }, (_, n) => requestRows(n, BigInt(1_000_000 * n)));
  await writeFile(
    at('many'),
    captureOf((writer) => {
      for (let i = 0; i < many.length; i += 1000)
        writer.writeEvents(eventBlockFromRows(many.slice(i, i + 1000).flat()));
    }),
  );
});
afterAll(() => rm(folder, { recursive: true }));

class Collected extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

async function run(command: (streams: CommandStreams) => Promise<number>) {
  const stdout = new Collected();
  const stderr = new Collected();
  const status = await command({ stdout, stderr });
  return { status, stdout, stderr: stderr.text, json: () => stdout.lines.map((line) => JSON.parse(line)) };
}

describe('replay', () => {
  it('draws a tree for each trace and says what was covered', async () => {
    const { status, stdout } = await run((streams) => runReplay([at('whole')], streams));
    expect(status).toBe(0);
    expect(stdout.text).toContain('GET /users/1');
    expect(stdout.text).toMatch(/c-p web\/10 +redis +GET user:1 .* R05 systrace-same-side +systrace/);
    expect(stdout.lines.every((line) => line.length <= 165)).toBe(true);
    expect(stdout.text).toContain('2 events dropped');
  });

  it('writes spans, links, traces and coverage for programs, in an order that stays', async () => {
    const { status, json, stdout } = await run((streams) => runReplay([at('whole')], { ...streams, json: true }));
    expect(status).toBe(0);
    const lines = json();
    const spans = lines.filter((line) => line.kind === 'span');
    expect(lines.map((line) => line.kind)).toEqual([
      'span',
      'span',
      'span',
      'span',
      'link',
      'link',
      'trace',
      'trace',
      'coverage',
    ]);
    expect(spans[0]).toMatchObject({
      type: 'sys',
      tapSide: 's-p',
      protocol: 'http',
      startNs: '1767323045000101000',
      src: '127.0.0.1:40000',
      dst: '127.0.0.1:80',
      tcpSeqRequest: 1000,
    });
    expect(spans[0]).not.toHaveProperty('incomplete');
    expect(lines[4]).toMatchObject({ child: spans[1].id, parent: spans[0].id, rule: 'R05', strength: 'exact' });
    expect(lines[4].evidence.matched.length).toBeGreaterThan(0);
    expect(lines[6]).toEqual({ kind: 'trace', id: spans[0].id, root: spans[0].id, spans: [spans[0].id, spans[1].id] });
    const again = await run((streams) => runReplay([at('whole')], { ...streams, json: true }));
    expect(again.stdout.text).toBe(stdout.text);
  });

  it('takes rules and tolerances, and says which of them it cannot read', async () => {
    const without = await run((streams) => runReplay([at('whole')], { ...streams, json: true, disableRule: ['r05'] }));
    expect(without.json().filter((line) => line.kind === 'link')).toEqual([]);
    const wrong = await run((streams) => runReplay([at('whole')], { ...streams, networkDelay: 'long' }));
    expect([wrong.status, wrong.stdout.text]).toEqual([2, '']);
    expect(wrong.stderr).toContain('--network-delay takes a time');
  });

  it('takes several captures together', async () => {
    const { json } = await run((streams) => runReplay([at('whole'), at('other')], { ...streams, json: true }));
    const hosts = json().flatMap((line) => (line.kind === 'span' ? [line.hostId] : []));
    expect(new Set(hosts).size).toBe(2);
    expect(hosts).toHaveLength(8);
  });

  it('is not hurt by a capture without events', async () => {
    const { status, stdout } = await run((streams) => runReplay([at('no-events')], streams));
    expect(status).toBe(0);
    expect(stdout.text).toContain('0 traces');
  });
});

describe('what is wrong is said in a sentence on stderr', () => {
  it.each([
    ['cut', 1, 'is cut'],
    ['damaged', 1, 'is damaged: bytes'],
    ['empty', 1, 'is empty'],
    ['text', 1, 'not a Causeway capture'],
    ['missing', 2, 'no such file'],
    ['.', 2, 'a folder'],
  ])('%s: status %i', async (name, expected, words) => {
    for (const command of [
      (streams: CommandStreams) => runReplay([at(name)], streams),
      (streams: CommandStreams) => runMessages(at(name), streams),
      (streams: CommandStreams) => runInspect(at(name), streams),
    ]) {
      const { status, stderr } = await run(command);
      expect(status).toBe(expected);
      expect(stderr).toContain(words);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
  });

  it('and the rest is shown', async () => {
    const { stdout } = await run((streams) => runReplay([at('damaged')], streams));
    expect(stdout.text).toContain('GET /users/1');
    expect(stdout.text).not.toContain('GET /users/0');
  });
});

describe('messages', () => {
  it('for programs: a line each, in order', async () => {
    const { status, json } = await run((streams) => runMessages(at('whole'), { ...streams, json: true }));
    expect(status).toBe(0);
    expect(json().map((line) => [line.protocol, line.type, line.direction])).toEqual([
      ['http', 'request', 'ingress'],
      ['redis', 'request', 'egress'],
      ['redis', 'response', 'ingress'],
      ['http', 'response', 'egress'],
      ['http', 'request', 'ingress'],
      ['redis', 'request', 'egress'],
      ['redis', 'response', 'ingress'],
      ['http', 'response', 'egress'],
    ]);
    expect(json()[0]).toMatchObject({
      ts: '1767323045000101000',
      method: 'GET',
      resource: '/users/0',
      tcpSeq: 1000,
      length: 42,
      truncated: false,
    });
  });

  it('for people', async () => {
    const { stdout } = await run((streams) => runMessages(at('whole'), streams));
    expect(stdout.lines[0]).toMatch(
      /^03:04:05\.000101 web\/10 .*127\.0\.0\.1:80 ← 127\.0\.0\.1:40000 .*GET \/users\/0$/,
    );
  });
});

describe('inspect', () => {
  it('shows what a capture is made of', async () => {
    const { status, stdout } = await run((streams) => runInspect(at('whole'), streams));
    expect(status).toBe(0);
    for (const words of ['box, 6.1.0', 'comm web', '2 events (CPU 1: 2)', 'annotation', '127.0.0.1:6379', '620 µs']) {
      expect(stdout.text).toContain(words);
    }
  });

  it('lists events', async () => {
    const { stdout } = await run((streams) => runInspect(at('whole'), { ...streams, events: true }));
    expect(stdout.lines).toHaveLength(8);
    expect(stdout.lines[0]).toContain('GET /users/0 HTTP/1.1..Host: shop.test');
    expect(stdout.lines[0]).toContain('seq 1000');
  });

  it('answers programs', async () => {
    const summary = await run((streams) => runInspect(at('damaged'), { ...streams, json: true }));
    expect(summary.json()).toMatchObject([{ events: 4, ringDrops: [0, 2], problems: [{ kind: 'corrupt' }] }]);
    const events = await run((streams) => runInspect(at('whole'), { ...streams, json: true, events: true }));
    expect(events.json()[3]).toMatchObject({ ordinal: 3, event: 'write', pid: 10, enterNs: '1767323045000220000' });
  });
});

describe('a reader that goes away', () => {
  class Gone extends Writable {
    written = 0;
    override _write(_chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
      this.written++;
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    }
  }

  it.each([
    ['replay', (streams: CommandStreams) => runReplay([at('many')], { ...streams, json: true })],
    ['messages', (streams: CommandStreams) => runMessages(at('many'), { ...streams, json: true })],
    ['inspect', (streams: CommandStreams) => runInspect(at('many'), { ...streams, events: true })],
  ])('ends %s quietly', async (_, command) => {
    const stdout = new Gone();
    const stderr = new Collected();
    expect(await command({ stdout, stderr })).toBe(0);
    expect(stdout.written).toBe(1);
    expect(stderr.text).toBe('');
  });
});
