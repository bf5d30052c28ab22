// Bundles the server and its worker for production: our own TypeScript in, npm packages left where they are. And the worker
// of private mode, which the server serves.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundlePrivateWorker } from './build-private-worker.mjs';

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: { main: 'src/server/main.ts', worker: 'src/server/worker.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: true,
  logLevel: 'warning',
  plugins: [
    {
      name: 'packages-stay-outside',
      setup({ onResolve }) {
        onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
          kind === 'entry-point' || path.startsWith('@causeway/') ? undefined : { path, external: true },
        );
      },
    },
  ],
});

const dist = join(import.meta.dirname, 'dist');
await mkdir(dist, { recursive: true });
await writeFile(join(dist, 'private-worker.js'), await bundlePrivateWorker());
