import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectCount, LACKING, lackingForRecording, REPOSITORY, Started, startStream, Workbench } from './workbench';

const SAMPLE = 'nginx-node-one-at-a-time';
const SAMPLE_FILE = join(REPOSITORY, 'captures', SAMPLE, `${SAMPLE}.causeway.msgpack`);
const TRACES_OF_SAMPLE = 10;

describe.skipIf(LACKING !== '')(`the workbench in a browser (needs ${LACKING || 'nothing more'})`, () => {
  let workbench: Workbench;

  beforeAll(async () => {
    workbench = await Workbench.open();
  });
  afterAll(async () => {
    await workbench?.close();
  });

  /** Uploads through the page and waits until it is read. */
  async function upload(page: Page, file: { name: string; mimeType: string; buffer: Buffer } | string): Promise<void> {
    await page.getByTestId('upload-input').first().setInputFiles(file);
  }

  /** Opens the trace of the sample's first request, the one with the most spans. */
  async function openLargestTrace(page: Page): Promise<void> {
    await page
      .getByTestId('capture-row')
      .filter({ hasText: 'nginx node one at a time' })
      .first()
      .getByRole('link')
      .first()
      .click();
    await page.getByTestId('trace-row').filter({ hasText: '12' }).last().click();
    await page.getByTestId('span-node').first().waitFor();
  }

  it('lists the sample captures, read and ready', async () => {
    const page = await workbench.page('/');
    for (const name of [
      'nginx node one at a time',
      'nginx node concurrency 8',
      'python threads postgres',
      'start mid connection',
    ]) {
      const row = page.getByTestId('capture-row').filter({ hasText: name });
      await row.getByText('Ready').waitFor();
    }
    expect(workbench.problems).toEqual([]);
  });

  it('shows the names of captures in a narrow window, too, with nothing to scroll to', async () => {
    const page = await workbench.page('/');
    await page.setViewportSize({ width: 480, height: 800 });
    const row = page.getByTestId('capture-row').filter({ hasText: 'nginx node one at a time' });
    const name = row.getByRole('link', { name: 'nginx node one at a time' });
    await expect.poll(async () => (await name.boundingBox())?.width).toBeGreaterThan(100);
    const [table, frame] = [await page.getByRole('table').boundingBox(), await page.locator('main').boundingBox()];
    expect(table!.x + table!.width).toBeLessThanOrEqual(frame!.x + frame!.width);
  });

  it('goes on at the same button with the keyboard when a dialog is closed', async () => {
    const page = await workbench.page('/');
    const button = page.getByRole('button', { name: 'Actions for nginx node one at a time' });
    await button.press('Enter');
    await page.getByRole('menuitem', { name: 'Rename…' }).press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it('takes an uploaded capture, and shows why an edge of its trace is there', async () => {
    const page = await workbench.page('/');
    await upload(page, SAMPLE_FILE);
    const row = page.getByTestId('capture-row').filter({ hasText: SAMPLE });
    await row.getByText('Ready').waitFor();
    await row.getByRole('link').first().click();
    await page
      .getByTestId('trace-row')
      .nth(TRACES_OF_SAMPLE - 1)
      .click();

    await expectCount(page.getByTestId('span-node'), 12);
    await expectCount(page.getByTestId('edge-label'), 11);

    await page.locator('[data-testid="edge-label"][data-rule="R11"]').first().click();
    const panel = page.getByTestId('evidence-panel');
    expect(await panel.getByTestId('evidence-rule').textContent()).toContain('R11');
    expect(await panel.getByTestId('evidence-sentence').textContent()).toMatch(/\w+ \w+/);
    await panel
      .getByTestId('matched-value')
      .filter({ hasText: /\d{3,}/ })
      .first()
      .waitFor();
    expect(page.url()).toContain('edge=');
    expect(workbench.problems).toEqual([]);
  });

  it('gives a link that opens the same trace with the same edge chosen', async () => {
    const page = await workbench.page('/');
    await openLargestTrace(page);
    await page.locator('[data-testid="edge-label"][data-rule="R06"]').first().click();
    await page.getByTestId('evidence-panel').waitFor();
    const again = await workbench.page(page.url(), 'dark');
    expect(await again.getByTestId('evidence-rule').textContent()).toContain('R06');
  });

  it('says why a root has no parent', async () => {
    const page = await workbench.page('/');
    await openLargestTrace(page);
    await page.getByTestId('why-root').click();
    expect(await page.getByTestId('root-reason').textContent()).toMatch(/\w+ \w+/);
  });

  it('shows the raw events and bytes behind a span', async () => {
    const page = await workbench.page('/');
    await openLargestTrace(page);
    await page.getByTestId('span-node').nth(1).click();
    await page.getByTestId('tab-bytes').click();
    await page.getByTestId('raw-event').first().waitFor();
    await expect.poll(() => page.locator('body').textContent()).toContain('GET /products/1');
  });

  it('draws the timeline, reached by its key', async () => {
    const page = await workbench.page('/');
    await openLargestTrace(page);
    await page.keyboard.press('t');
    await page.getByTestId('timeline-row').first().waitFor();
    await expectCount(page.getByTestId('timeline-row'), 12);
    expect(page.url()).toContain('view=timeline');
  });

  it.each([
    ['an empty file', 'nothing.causeway.msgpack', '', /empty/],
    ['another kind of file', 'holiday.png', '\u0089PNG\r\n\u001a\n and so on', /not a Causeway capture/],
  ])('refuses %s with a sentence, and keeps nothing', async (_, name, content, sentence) => {
    const page = await workbench.page('/');
    await upload(page, { name, mimeType: 'application/octet-stream', buffer: Buffer.from(content, 'latin1') });
    const card = page.getByTestId('upload').filter({ hasText: name });
    const said = () => card.textContent();
    await expect.poll(said).toMatch(sentence);
    await expectCount(page.getByTestId('capture-row').filter({ hasText: name }), 0);
  });

  it('has a page for an address that leads nowhere', async () => {
    const page = await workbench.page('/captures/00000000-0000-0000-0000-000000000000');
    await page.getByTestId('page-message').waitFor();
    workbench.problems.length = 0;
  });

  const missing = LACKING === '' ? lackingForRecording() : LACKING;
  it.skipIf(missing !== '')(
    `shows the traces of a running program as they happen (needs ${missing || 'nothing more'})`,
    async () => {
      const server = await Started.untilLine('node', [join(import.meta.dirname, 'echo-server.mjs')], /listening on/);
      const port = Number(/\d+$/.exec(server.line)![0]);
      const stream = await startStream(workbench.url, server.process.pid!, 'a live program');
      try {
        const page = await workbench.page('/');
        await fetch(`http://127.0.0.1:${port}/first`).then((response) => response.text());
        const row = page.getByTestId('capture-row').filter({ hasText: 'a live program' });
        await row.getByRole('link').first().click({ timeout: 60_000 });
        await page.getByTestId('trace-row').first().waitFor();

        await fetch(`http://127.0.0.1:${port}/second`).then((response) => response.text());
        await page.getByTestId('trace-row').filter({ hasText: '/second' }).waitFor({ timeout: 60_000 });
      } finally {
        await stream.stop();
        await server.stop();
      }
    },
  );
});
