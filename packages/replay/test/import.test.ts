import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CommandStreams, runImport, runMessages } from '../src/node';
import { packetConversation, pcapFile } from '../src/testing/index';

let folder: string;
const at = (name: string) => join(folder, name);
const PCAP = pcapFile(
  packetConversation([
    ['>', 'GET /a HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['<', 'HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n'],
  ]),
);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-import-'));
  await writeFile(at('a.pcap'), PCAP);
  await writeFile(at('cut.pcap'), PCAP.subarray(0, -5));
  await writeFile(at('text'), 'hello');
  await writeFile(at('empty'), '');
});
afterAll(() => rm(folder, { recursive: true }));

async function run(command: (streams: CommandStreams) => Promise<number>) {
  const text = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        text[name] += chunk.toString();
        done();
      },
    });
  const status = await command({ stdout: into('stdout'), stderr: into('stderr') });
  return { status, ...text };
}
const importing = (name: string, output: string) =>
  run((streams) => runImport(at(name), { ...streams, output: at(output) }));
const messages = (name: string) => run((streams) => runMessages(at(name), { ...streams, json: true }));

it('writes a capture with the same messages as the packets', async () => {
  expect(await importing('a.pcap', 'a.causeway')).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/6 events written/),
  });
  const [direct, imported] = [await messages('a.pcap'), await messages('a.causeway')];
  expect(imported).toEqual(direct);
  expect(direct.stdout.trim().split('\n')).toHaveLength(2);
});

it('writes what there is of a damaged one, and says so', async () => {
  const { status, stderr } = await importing('cut.pcap', 'cut.causeway');
  expect(status).toBe(1);
  expect(stderr).toMatch(/cut\.pcap: The capture is cut: .*\n.* events written/);
  expect((await messages('cut.causeway')).stdout).toBe((await messages('a.pcap')).stdout);
});

it.each([
  ['text', 'x', /text: this is neither pcap nor pcapng/],
  ['empty', 'x', /empty: the file is empty/],
  ['missing', 'x', /missing: there is no such file/],
  ['a.pcap', 'a.pcap', /would replace the file that it is made of/],
  ['a.pcap', 'no-folder/x', /ENOENT/],
])('refuses to make of %s a capture %s', async (name, output, sentence) => {
  const { status, stderr } = await importing(name, output);
  expect(status).toBe(2);
  expect(stderr).toMatch(sentence);
});
