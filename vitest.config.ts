import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], order: number, alone = false, globalSetup: string[] = []) => ({
  extends: true as const,
  test: { name, include, sequence: { groupOrder: order }, fileParallelism: !alone, globalSetup },
});

/**
 * One runner for everything. Pure code runs in parallel; tests that load BPF programs, start a database or a browser run
 * one file at a time, after the rest, so that they do not starve each other on a small machine.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    setupFiles: ['vitest.setup.ts'],
    // A limit against hanging, not a measure of speed: no test is this slow on a busy machine either.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    exclude: ['**/node_modules/**', '**/dist/**', '**/.next/**'],
    projects: [
      project('core', ['packages/core/src/**/*.test.ts'], 0),
      project('replay', ['packages/replay/{src,test,fuzz}/**/*.test.ts'], 0),
      project('captures', ['captures/*.test.ts'], 0),
      project('ui', ['apps/web/src/**/*.test.{ts,tsx}'], 0),
      project('agent', ['apps/capture-agent/{src,test}/**/*.test.ts'], 1, true),
      project('recording', ['captures/record/*.test.ts'], 4, true),
      project('server', ['apps/web/test/server/**/*.test.ts'], 2, true, ['apps/web/test/server/shared-database.ts']),
      project('browser', ['apps/web/test/browser/**/*.test.ts'], 3, true),
    ],
  },
});
