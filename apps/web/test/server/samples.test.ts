import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sampleCapture } from '@causeway/replay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptureSummary, WorkspaceSummary } from '../../src/api/contract';
import { importSamples } from '../../src/server/samples/import-samples';
import { captureOnceSettled, startTestServer, type TestServer, temporaryFolder, until } from './harness';

let server: TestServer;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  await addSample('one-request', 'capture', sampleCapture());
  await addSample('two-hosts', 'front', sampleCapture({ hostName: 'front' }));
  await addSample('two-hosts', 'back', sampleCapture({ hostName: 'back' }));
  server = await startTestServer(folder.path);
});
afterAll(async () => {
  await server.close();
  await folder.remove();
});

async function addSample(situation: string, name: string, bytes: Uint8Array): Promise<void> {
  await mkdir(samples(situation), { recursive: true });
  await writeFile(join(samples(situation), `${name}.causeway.msgpack`), bytes);
}
const samples = (situation = ''): string => join(folder.path, 'samples', situation);
const captures = async () => (await server.call<{ captures: CaptureSummary[] }>('GET', '/api/captures')).body.captures;
const names = async () => (await captures()).map(({ name }) => name).sort();

describe('sample captures', () => {
  it('are there after the first start, named after their situation, and read like any other', async () => {
    expect(await names()).toEqual(['one request', 'two hosts back', 'two hosts front']);
    for (const { id, origin } of await captures()) {
      expect(origin).toBe('sample');
      expect(await captureOnceSettled(server, id)).toMatchObject({ state: 'ready', traceCount: 2 });
    }
  });

  it('of one situation are opened together', async () => {
    const workspaces = async () =>
      (await server.call<{ workspaces: WorkspaceSummary[] }>('GET', '/api/workspaces')).body.workspaces;
    const [workspace] = await until(workspaces, ([first]) => first?.state === 'ready' && first.traceCount > 0);
    expect(workspace?.name).toBe('two hosts');
    expect(workspace?.captures.map(({ name }) => name).sort()).toEqual(['two hosts back', 'two hosts front']);
    await importSamples(server.services, samples());
    expect(await workspaces()).toHaveLength(1);
  });

  it('do not come twice, and those that were deleted stay away', async () => {
    const [gone] = (await captures()).filter(({ name }) => name === 'two hosts back');
    await server.call('DELETE', `/api/captures/${gone?.id}`);
    await importSamples(server.services, samples());
    expect(await names()).toEqual(['one request', 'two hosts front']);
  });

  it('that were recorded anew come in beside the old', async () => {
    await addSample('one-request', 'capture', sampleCapture({ hostName: 'another' }));
    await importSamples(server.services, samples());
    expect(await names()).toEqual(['one request', 'one request', 'two hosts front']);
  });
});
