import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Nothing we run may phone home, or fetch what a machine without internet cannot. */
export const QUIET_ENVIRONMENT = {
  NEXT_TELEMETRY_DISABLED: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  CHECKPOINT_DISABLE: '1',
  PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
};

/**
 * Runs a command from the repository's root with its local tools on the PATH.
 * Resolves to its exit status and, when `capture` is set, all it printed; otherwise the output goes straight through.
 */
export function run(command, args, { capture = false, env = {}, cwd = ROOT } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      stdio: capture ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      env: { ...process.env, ...QUIET_ENVIRONMENT, PATH: `${ROOT}node_modules/.bin:${process.env.PATH}`, ...env },
    });
    let output = '';
    child.stdout?.on('data', (data) => {
      output += data;
    });
    child.stderr?.on('data', (data) => {
      output += data;
    });
    child.on('error', (error) => resolve({ status: 127, output: `${command}: ${error.message}` }));
    child.on('close', (status, signal) => resolve({ status: status ?? 128, signal, output }));
  });
}
