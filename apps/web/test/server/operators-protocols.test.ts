import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytes, packetConversation, pcapFile, u16, u32 } from '@causeway/replay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptureDetail, CaptureSummary, TraceList } from '../../src/api/contract';
import { captureOnceSettled, REPOSITORY, startTestServer, type TestServer, temporaryFolder, upload } from './harness';

const LEDGER = join(REPOSITORY, 'examples', 'protocols', 'ledger.js');
const ledger = (kind: 'Q' | 'A', id: number, body: string) => bytes('LGR1', kind, u16(id), u32(body.length), body);
const PCAP = pcapFile(
  packetConversation([
    ['>', ledger('Q', 1, 'PAY acct-17 250')],
    ['<', ledger('A', 1, '402 not enough on acct-17')],
    ['>', 'FAIL\n'],
  ]),
);

describe("protocols of the operator's own", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let protocolsFolder: string;
  let server: TestServer;
  beforeAll(async () => {
    folder = await temporaryFolder();
    protocolsFolder = join(folder.path, 'protocols');
    await mkdir(protocolsFolder);
    await copyFile(LEDGER, join(protocolsFolder, 'ledger.mjs'));
    await writeFile(join(protocolsFolder, 'notes.txt'), 'no module');
    server = await startTestServer(folder.path, { protocolsFolder });
  });
  afterAll(async () => {
    await server.close();
    await folder.remove();
  });

  it('are read in what is uploaded', async () => {
    const { body } = await upload(server, 'ledger.pcap', PCAP);
    const capture = await captureOnceSettled(server, (body as CaptureSummary).id);
    expect(capture).toMatchObject({ state: 'ready', spanCount: 1, errorTraceCount: 1 });
    const { body: list } = await server.call<TraceList>('GET', `/api/captures/${capture.id}/traces?protocol=ledger`);
    expect(list.traces).toMatchObject([
      { protocol: 'ledger', method: 'PAY', resource: 'PAY acct-17 250', statusCode: '402' },
    ]);
    const { body: detail } = await server.call<CaptureDetail>('GET', `/api/captures/${capture.id}`);
    expect(detail.damage).toEqual([]);
  });

  it('that cannot be used stop the server before it starts, with a sentence', async () => {
    const other = join(folder.path, 'broken');
    await mkdir(other);
    await writeFile(join(other, 'broken.mjs'), 'export default { protocol: "http" }');
    await expect(startTestServer(folder.path, { protocolsFolder: other })).rejects.toThrow(
      /broken\.mjs: "http" is a built-in protocol: choose another name\.$/,
    );
    await expect(startTestServer(folder.path, { protocolsFolder: join(other, 'none') })).rejects.toThrow(
      /CAUSEWAY_PROTOCOLS=.*none cannot be read/,
    );
  });
});
