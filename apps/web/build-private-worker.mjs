// Bundles the worker of private mode into one file: it is served with a policy that lets it load nothing else.
import { build } from 'esbuild';

/** @returns {Promise<Uint8Array>} its code */
export async function bundlePrivateWorker() {
  const { outputFiles } = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: ['src/private/private-worker.ts'],
    bundle: true,
    minify: true,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    write: false,
    logLevel: 'warning',
  });
  return outputFiles[0].contents;
}
