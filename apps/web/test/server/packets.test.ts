import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Span } from '@causeway/core';
import { bytesSource, createReplay, isPacketFile, readAnySource } from '@causeway/replay';
import { packetConversation, pcapFile, pcapngBlocks } from '@causeway/replay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiError, CaptureDetail, TraceList, TraceView } from '../../src/api/contract';
import { startTestServer, type TestServer, temporaryFolder, upload, uploadSettled } from './harness';

let server: TestServer;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

const FRAMES = Array.from({ length: 40 }, (_, n) =>
  packetConversation(
    [
      ['>', `GET /products/${n} HTTP/1.1\r\nHost: shop.test\r\n\r\n`],
      ['<', `HTTP/1.1 ${n % 10 === 0 ? '500 Oh' : '200 OK'}\r\nContent-Length: 2\r\n\r\nok`],
    ],
    { clientPort: 41_000 + n, start: 1.7e18 + n * 1e9 },
  ),
).flat();
const PCAP = pcapFile(FRAMES);

function pcapng(): Uint8Array {
  const { section, interface: interfaceBlock, enhanced } = pcapngBlocks(true);
  const blocks = [section(), interfaceBlock(1)];
  for (const { frame, time = 0 } of FRAMES) blocks.push(enhanced(0, BigInt(time) / 1000n, frame));
  return Buffer.concat(blocks);
}

const settled = (name: string, bytes: Uint8Array) => uploadSettled(server, name, bytes);

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startTestServer(folder.path);
});
afterAll(async () => {
  await server.close();
  await folder.remove();
});

describe('an uploaded packet capture', () => {
  it.each([
    ['shop.pcap', PCAP],
    ['shop.pcapng', pcapng()],
  ])('%s becomes a capture with the spans that its packets show', async (name, bytes) => {
    const spans: Span[] = [];
    const replay = createReplay({ onSpan: (span) => spans.push(span) });
    for await (const item of readAnySource(bytesSource(bytes), 'shop')) replay.push(item);
    replay.end();

    const capture = await settled(name, bytes);
    expect(capture).toMatchObject({ name: 'shop', state: 'ready', spanCount: 40, traceCount: 40, errorTraceCount: 4 });
    expect(capture.problem).toBeUndefined();
    expect(capture.startedAt).toBe('1700000000000000000');
    const { body: list } = await server.call<TraceList>('GET', `/api/captures/${capture.id}/traces?limit=100`);
    expect(new Set(list.traces.map(({ id }) => id))).toEqual(new Set(spans.map(({ id }) => id)));
    const { body: view } = await server.call<TraceView>('GET', `/api/captures/${capture.id}/traces/${spans[0]!.id}`);
    expect(view.spans[0]).toMatchObject({ type: 'net', protocol: 'http', interfaceName: 'shop' });

    // What is kept, and can be downloaded, is a capture.
    const stored = await readFile(join(folder.path, `data/captures/${capture.id}.causeway.msgpack`));
    expect(isPacketFile(stored)).toBe(false);
    const items = [];
    for await (const item of readAnySource(bytesSource(stored))) items.push(item.kind);
    expect(items[0]).toBe('header');
    expect(items).not.toContain('damage');
  });

  it('that is cut gives what is whole and says what is not', async () => {
    const capture = await settled('cut.pcap', PCAP.slice(0, -30));
    expect(capture).toMatchObject({ state: 'ready', spanCount: 40 });
    expect(capture.problem).toMatch(/cut/);
    const { body } = await server.call<CaptureDetail>('GET', `/api/captures/${capture.id}`);
    expect(body.damage).toEqual([capture.problem]);
  });
});

describe('a packet capture with nothing to read is refused with a sentence', () => {
  it.each<[string, Uint8Array, string, RegExp]>([
    ['none.pcap', pcapFile([]), 'nothing-readable', /^none\.pcap: The packet capture holds no packets/],
    ['wifi.pcap', pcapFile(FRAMES, { linkType: 105 }), 'nothing-readable', /link type 105 were left out: Ethernet/],
    ['head.pcap', PCAP.slice(0, 30), 'nothing-readable', /ends at byte 30/],
    ['bad.pcapng', pcapng().slice(0, 9), 'nothing-readable', /ends at byte 9/],
  ])('%s', async (name, bytes, code, sentence) => {
    const { status, body } = await upload(server, name, bytes);
    expect(status).toBe(422);
    expect((body as unknown as ApiError).error).toEqual({ code, message: expect.stringMatching(sentence) });
  });
});
