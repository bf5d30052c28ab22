import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';

export const REPOSITORY = join(import.meta.dirname, '../../../..');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const COMMAND = join(REPOSITORY, 'apps/capture-agent/bin/causeway.mjs');
const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** What the machine lacks for a browser test; empty = nothing. */
export const LACKING = existsSync(CHROMIUM) ? '' : 'Chromium at /usr/bin/chromium, or CHROMIUM set';

/** What it lacks for recording; empty = nothing. */
export function lackingForRecording(): string {
  const { stdout } = spawnSync('node', [COMMAND, 'doctor', '--json'], { encoding: 'utf8' });
  return JSON.parse(stdout).possible === true ? '' : 'a host that causeway doctor finds able to record';
}

/** A program this test started, ended by its id. */
export class Started {
  private constructor(
    readonly process: ChildProcess,
    readonly line: string,
  ) {}

  /** Resolves with the first line of its output that matches. @throws when the program ends before, with what it said. */
  static async untilLine(
    command: string,
    args: string[],
    pattern: RegExp,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Started> {
    const child = spawn(command, args, {
      cwd: REPOSITORY,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
    });
    const said: string[] = [];
    const line = await new Promise<string>((resolve, reject) => {
      for (const output of [child.stdout, child.stderr]) {
        createInterface({ input: output }).on('line', (text) => {
          said.push(text);
          if (pattern.test(text)) resolve(text);
        });
      }
      child.once('close', (status) => reject(new Error(`${command} ended with status ${status}: ${said.join('\n')}`)));
    });
    return new Started(child, line);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.process.once('close', resolve));
    this.process.kill('SIGTERM');
    await ended;
  }
}

/** The built workbench with its samples, as `npm start` serves it, on data of its own; and a browser. */
export class Workbench {
  readonly problems: string[] = [];

  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly server: Started,
    private readonly browser: Browser,
  ) {}

  static async open(): Promise<Workbench> {
    const folder = await mkdtemp(join(tmpdir(), 'causeway-browser-'));
    const server = await Started.untilLine('node', ['apps/web/dist/main.js'], /Causeway is at/, {
      PORT: '0',
      NODE_ENV: 'production',
      CAUSEWAY_DATA: join(folder, 'data'),
    });
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(' ') });
    return new Workbench(/http:\S+/.exec(server.line)![0], folder, server, browser);
  }

  /** A page that keeps what the console and the page complain of in `problems`. */
  async page(path: string, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme });
    context.setDefaultTimeout(100_000);
    const page = await context.newPage();
    page.on('pageerror', (error) => this.problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && this.problems.push(message.text()));
    await page.goto(new URL(path, this.url).href);
    return page;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Once the page has settled: what an answer changes is drawn some frames after its text stands there. */
export function expectCount(elements: Locator, count: number): Promise<void> {
  return expect.poll(() => elements.count()).toBe(count);
}

/** `causeway stream` to a workbench, of one running process. */
export function startStream(url: string, pid: number, name: string): Promise<Started> {
  return Started.untilLine(
    'node',
    [COMMAND, 'stream', '--to', url, '--pid', String(pid), '--name', name],
    /Sending to/,
  );
}
