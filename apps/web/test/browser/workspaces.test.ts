import { CALLS_BETWEEN_HOSTS, captureOfEnd } from '@causeway/replay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LACKING, Workbench } from './workbench';

const REALTIME = 1_767_355_200_000_000_000n;
const SKEW = 5_000_000_000n;

describe.skipIf(LACKING !== '')(`workspaces in a browser (needs ${LACKING || 'nothing more'})`, () => {
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await Workbench.open();
  });
  afterAll(async () => {
    await workbench?.close();
  });

  it('opens captures of two hosts together, and draws their trace by corrected clocks or by raw ones', async () => {
    const page = await workbench.page('/');
    const ends = [
      ['front-end', captureOfEnd('client', 5_000_000_000n, REALTIME)],
      ['back-end', captureOfEnd('server', 77_000_000_000n, REALTIME + SKEW)],
    ] as const;
    for (const [name, bytes] of ends) {
      const file = {
        name: `${name}.causeway.msgpack`,
        mimeType: 'application/vnd.msgpack',
        buffer: Buffer.from(bytes),
      };
      await page.getByTestId('upload-input').first().setInputFiles(file);
      await page.getByTestId('capture-row').filter({ hasText: name }).getByText('Ready').waitFor();
      await page.getByLabel(`Choose ${name}`).check();
    }
    await page.getByRole('button', { name: 'Open together' }).click();
    await page.waitForURL(/\/workspaces\//);
    await page
      .getByTestId('trace-row')
      .nth(CALLS_BETWEEN_HOSTS - 1)
      .waitFor();
    await page.getByText('stock shifted by −5.00 s').waitFor();
    await page.getByTestId('trace-row').first().click();
    await page.getByTestId('view-timeline').click();
    const line = page.getByTestId('clock-line');
    await line.getByText('stock shifted by −5.00 s (from 20 links with web').waitFor();
    const bars = page.getByTestId('timeline-row');
    await bars.nth(1).waitFor();
    // Corrected, both bars lie over one another; raw, they are five seconds apart, and each is a speck.
    const axis = () => page.getByTestId('timeline').textContent();
    const corrected = await axis();
    await line.getByRole('checkbox').uncheck();
    await page.waitForURL(/clocks=raw/);
    await expect.poll(axis).not.toBe(corrected);
    await page.reload();
    await page.getByTestId('clock-line').waitFor();
    expect(await page.getByTestId('clock-line').getByRole('checkbox').isChecked()).toBe(false);
    await page.goto(workbench.url);
    await page.getByTestId('workspace-row').filter({ hasText: 'front-end' }).getByText('20 traces').waitFor();
    expect(workbench.problems).toEqual([]);
  });
});
