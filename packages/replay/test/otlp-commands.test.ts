import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { HostId } from '@causeway/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandStreams, runImport, runInspect, runMessages, runReplay } from '../src/node';
import { sampleCapture } from '../src/testing/index';

const EXPORTED = join(import.meta.dirname, 'otlp-exporter');
let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-otlp-'));
  await copyFile(join(EXPORTED, 'checkout.pb'), at('protobuf'));
  await copyFile(join(EXPORTED, 'checkout.jsonl'), at('json'));
  await writeFile(at('kernel'), sampleCapture({ hostName: 'web-1', hostId: 'boot-of-web-1' as HostId }));
  await writeFile(at('text'), 'hello');
  await writeFile(at('empty'), '');
});
afterAll(() => rm(folder, { recursive: true }));

async function run(command: (streams: CommandStreams) => Promise<number>) {
  const written = ['', ''];
  const [stdout, stderr] = written.map(
    (_, i) =>
      new Writable({
        write(chunk, _encoding, done) {
          written[i] += String(chunk);
          done();
        },
      }),
  );
  const status = await command({ stdout: stdout!, stderr: stderr! });
  const lines = written[0]!.split('\n').filter((line) => line.startsWith('{'));
  return { status, text: written[0]!, stderr: written[1]!, json: lines.map((line) => JSON.parse(line)) };
}

describe('an OTLP file', () => {
  it.each(['protobuf', 'json'])('in %s is replayed as it is, and the same once imported', async (name) => {
    const direct = await run((streams) => runReplay([at(name)], { ...streams, json: true }));
    expect([direct.status, direct.stderr]).toEqual([0, '']);
    const spans = direct.json.filter(({ kind }) => kind === 'span');
    expect(spans).toHaveLength(3);
    expect(spans[0]).toMatchObject({
      type: 'app',
      tapSide: 's-app',
      protocol: 'http',
      method: 'GET',
      resource: '/cart/7?full=1',
      statusCode: 404,
      service: 'checkout',
      hostId: 'otlp:web-1',
      pid: 4711,
      startNs: '1767323045000001000',
      endNs: '1767323045009001000',
    });
    const output = `${at(name)}.causeway.msgpack`;
    const imported = await run((streams) => runImport(at(name), { ...streams, output }));
    expect(imported).toMatchObject({ status: 0, stderr: `causeway: 3 spans written to ${output}\n` });
    const again = await run((streams) => runReplay([output], { ...streams, json: true }));
    expect([again.status, again.text]).toEqual([0, direct.text]);
  });

  it('has no messages, and its spans are counted', async () => {
    expect(await run((streams) => runMessages(at('json'), streams))).toMatchObject({ status: 0, text: '' });
    const { json, status } = await run((streams) => runInspect(at('json'), { ...streams, json: true }));
    expect(status).toBe(0);
    expect(json[0]).toMatchObject({
      events: 0,
      reportedSpans: 3,
      reportedSpansByService: { checkout: 3 },
      firstTimeNs: '1767323045000001000',
    });
    const { text } = await run((streams) => runInspect(at('protobuf'), streams));
    expect(text).toContain('3 application spans and 0 events');
    expect(text).toMatch(/checkout +3/);
  });

  it.each([
    ['before', ['json', 'kernel']],
    ['after', ['kernel', 'json']],
  ])('given %s a capture of its host is assembled with it', async (_, names) => {
    const { json, status } = await run((streams) => runReplay(names.map(at), { ...streams, json: true }));
    expect(status).toBe(0);
    const spans = json.filter(({ kind }) => kind === 'span');
    expect(spans.map(({ type }) => type).sort()).toEqual(['app', 'app', 'app', 'sys', 'sys', 'sys', 'sys']);
    expect(new Set(spans.map(({ hostId }) => hostId))).toEqual(new Set(['boot-of-web-1']));
    expect(json.at(-1)).toMatchObject({ kind: 'coverage', spans: 7 });
  });

  it.each([
    ['text', 'this is neither pcap, nor pcapng, nor spans in OTLP (JSON or protobuf)'],
    ['empty', 'the file is empty'],
  ])('%s is refused in one sentence', async (name, sentence) => {
    const refused = await run((streams) => runImport(at(name), { ...streams, output: at('out') }));
    expect(refused).toMatchObject({ status: 2, stderr: `causeway: ${at(name)}: ${sentence}\n` });
  });
});
