import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectCount, LACKING, Workbench } from './workbench';

/** Spans of the sample's largest trace. */
const SPANS = 12;

/** However busy the machine is. */
const timeout = 300_000;

describe.skipIf(LACKING !== '')(`the trace page’s tools (needs ${LACKING || 'nothing more'})`, { timeout }, () => {
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await Workbench.open();
  });
  afterAll(async () => {
    await workbench?.close();
  });

  /** The trace of a sample with the most spans. */
  async function openLargest(sample: string): Promise<Page> {
    const page = await workbench.page('/');
    const row = page.getByTestId('capture-row').filter({ hasText: sample });
    await row.getByText('Ready').waitFor();
    const path = await row.getByRole('link').first().getAttribute('href');
    const answer = await fetch(new URL(`/api${path}/traces?sort=-spans&limit=1`, workbench.url));
    const { traces } = (await answer.json()) as { traces: { id: string }[] };
    await page.goto(new URL(`${path}/traces/${traces[0]!.id}`, workbench.url).href);
    await page.getByTestId('span-node').first().waitFor();
    return page;
  }

  it('assembles the trace without a rule, in a worker, and shows what is lost; the address keeps it', async () => {
    const page = await openLargest('nginx node one at a time');
    await page.keyboard.press('l');
    await page.getByTestId('lab-rule-R11').uncheck();
    const found = page.getByTestId('lab-difference');
    await found.getByText('6 edges lost; 5 as before.').waitFor();
    await expectCount(page.getByTestId('gone-edge'), 6);
    await expectCount(page.getByTestId('span-node'), SPANS);
    await expectCount(page.locator('[data-testid="edge-label"][data-rule="R11"]'), 0);

    await page.getByTestId('lab-changes').getByRole('button').first().click();
    await page.waitForURL(/span=/);
    const again = await workbench.page(page.url());
    await again.getByTestId('lab-difference').getByText('6 edges lost; 5 as before.').waitFor();
    await again.getByTestId('lab-reset').click();
    await again.getByTestId('gone-edge').first().waitFor({ state: 'detached' });
    expect(workbench.problems).toEqual([]);
  });

  it('marks an edge that another rule draws instead', async () => {
    const page = await openLargest('nginx node one at a time');
    await page.getByTestId('open-lab').click();
    await page.getByTestId('lab-rule-X03').uncheck();
    await page.locator('[data-testid="edge-label"][data-change="relabelled"]').waitFor();
    await page.getByTestId('lab-difference').getByText('1 edge drawn by another rule; 10 as before.').waitFor();
    expect(workbench.problems).toEqual([]);
  });

  it('says what was left out and why, and shows it beside the trace', async () => {
    const page = await openLargest('nginx node one at a time');
    const list = page.getByTestId('left-out');
    expect(await list.textContent()).toMatch(/same systrace id \d+ as/);
    await page.getByTestId('show-left-out').check();
    await page.locator('[data-testid="span-node"][data-left-out="true"]').first().waitFor();
    await expect.poll(() => page.getByTestId('span-node').count()).toBeGreaterThan(SPANS);
    await list.getByRole('link').first().click();
    await page.getByTestId('show-left-out').waitFor();
    expect(workbench.problems).toEqual([]);
  });

  it('says of the first span whether loss could explain that it has no parent', async () => {
    const page = await openLargest('nginx node one at a time');
    await page.getByTestId('why-root').click();
    const note = page.getByTestId('missing-note');
    expect(await note.getAttribute('data-loss')).toBe('false');
    expect(await note.textContent()).toContain('nothing was lost');
  });

  it('draws what went through a message queue, with its evidence, and leads to either end', async () => {
    const page = await openLargest('nats consumer');
    await page.getByTestId('queue-links').getByRole('button').first().click();
    const evidence = page.getByTestId('link-evidence');
    expect(await evidence.getByTestId('evidence-rule').textContent()).toBe('X05');
    await evidence.getByTestId('matched-value').first().waitFor();
    // The address keeps it, and the label on the graph leads to it, too.
    const again = await workbench.page(page.url());
    await again.getByTestId('link-evidence').waitFor();
    await page.getByTestId('queue-label').first().click();
    await evidence.getByRole('button', { name: /Consumer/ }).click();
    await page.waitForURL(/span=/);
    expect(workbench.problems).toEqual([]);
  });
});
