import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PRIVATE_WORKER_POLICY } from '../http/security';

/** Where pages load the worker of private mode from: see `views/private/private-session.ts`. */
export const PRIVATE_WORKER_PATH = '/private-worker.js';

/** Answers for the worker's code: as it was built, or, in development, as it is now. */
export function privateWorkerSender(root: string, development: boolean): (response: ServerResponse) => Promise<void> {
  const web = join(root, 'apps', 'web');
  return async (response) => {
    const code = development ? await bundled(web) : await readFile(join(web, 'dist', 'private-worker.js'));
    response
      .writeHead(200, {
        'content-type': 'text/javascript; charset=utf-8',
        'content-length': code.length,
        'content-security-policy': PRIVATE_WORKER_POLICY,
        'cache-control': 'no-cache',
      })
      .end(code);
  };
}

async function bundled(web: string): Promise<Uint8Array> {
  const { bundlePrivateWorker } = await import(pathToFileURL(join(web, 'build-private-worker.mjs')).href);
  return bundlePrivateWorker();
}
