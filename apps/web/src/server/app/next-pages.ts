import type { Server } from 'node:http';
import next from 'next';
import type { Settings } from '../settings';
import type { Pages } from './start-server';

/** Next's request handler for the pages in `src/app`: built ones, or compiled as they are asked for. */
export async function nextPages(
  httpServer: Server,
  dir: string,
  settings: Settings,
  development: boolean,
): Promise<Pages> {
  const app = next({ dev: development, dir, hostname: settings.host, port: settings.port, httpServer });
  await app.prepare();
  return { handle: app.getRequestHandler(), upgrade: app.getUpgradeHandler() };
}
