import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { LIVE_PATH } from '@causeway/replay';
import { ApiFailure } from '../../api/failure';
import { apiRoutes } from '../api/routes';
import type { Services } from '../api/services';
import { removeAbandonedUploads } from '../api/uploads';
import { DataFolder } from '../data-folder';
import { connectDatabase } from '../database/database';
import { startEmbeddedPostgres } from '../database/embedded-postgres';
import { applyMigrations } from '../database/migrations';
import { admit } from '../http/login';
import { sendError } from '../http/respond';
import { createRouter } from '../http/router';
import { createSecurity } from '../http/security';
import { operatorsProtocols } from '../ingest/operators-protocols';
import { openJobQueue } from '../jobs/job-queue';
import { superviseWorkers } from '../jobs/worker-supervisor';
import { createLiveEndpoint } from '../live/live-endpoint';
import { createLiveRegistry } from '../live/live-registry';
import { createOtlpReceiver } from '../otlp/otlp-receiver';
import { OTLP_TRACES_PATH } from '../otlp/otlp-routes';
import { errorCode, PlainError } from '../plain-error';
import { importSamples } from '../samples/import-samples';
import type { Settings } from '../settings';
import { PRIVATE_WORKER_PATH, privateWorkerSender } from './private-worker';
import { requeueUnfinished } from './requeue-unfinished';

const FREE_DEAD_WORKERS_EVERY_MS = 30_000;

/** What answers everything that is not the API: Next, or nothing in tests. */
export interface Pages {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
}

export interface ServerOptions {
  readonly settings: Settings;
  readonly version: string;
  /** Holds a folder for each sample capture. */
  readonly samplesFolder: string;
  readonly workerProgram: string;
  readonly development: boolean;
  /** Made once the port is ours and the database answers. */
  readonly pages?: (server: Server) => Promise<Pages>;
  /** Told what is done, for the terminal. */
  readonly onStep?: (step: string) => void;
}

export interface RunningServer {
  readonly url: string;
  readonly services: Services;
  /** Ends everything that was started, the embedded database last. */
  close(): Promise<void>;
}

/** Starts the whole workbench. @throws PlainError when the port is taken or the database is not to be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { settings, onStep = () => undefined } = options;
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  // Before anything is started: the workers load them again, for themselves.
  await operatorsProtocols(settings.protocolsFolder);
  try {
    const http = createServer(stillStarting);
    await listen(http, settings);
    closers.push(() => closeHttp(http));
    const { services, endpoint } = await startServices(options, closers);
    onStep('database ready');
    await importSamples(services, options.samplesFolder);
    onStep('sample captures loaded');
    const pages = await options.pages?.(http);
    answer(http, options, services, endpoint, pages);
    const { port } = http.address() as AddressInfo;
    const shown = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
    return { url: `http://${shown}:${port}`, services, close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

async function startServices(options: ServerOptions, closers: (() => Promise<unknown>)[]) {
  const { settings } = options;
  const data = new DataFolder(settings.dataFolder);
  await data.prepare();
  let url = settings.databaseUrl;
  if (url === undefined) {
    const embedded = await startEmbeddedPostgres(settings.dataFolder);
    closers.push(() => embedded.stop());
    url = embedded.url;
  }
  const database = await connectDatabase(url);
  closers.push(() => database.close());
  await applyMigrations(database.sql, join(settings.root, 'prisma', 'migrations'));
  const jobs = await openJobQueue(url, database.sql);
  closers.push(() => jobs.close());
  const registry = createLiveRegistry(database, data, jobs);
  const endpoint = createLiveEndpoint(registry);
  const otlp = createOtlpReceiver(registry);
  const services: Services = {
    version: options.version,
    databaseKind: settings.databaseUrl === undefined ? 'embedded' : 'external',
    data,
    database,
    jobs,
    live: {
      isConnected: (captureId) => endpoint.isConnected(captureId) || otlp.isConnected(captureId),
      drop: async (captureId, reason) => {
        await endpoint.drop(captureId, reason);
        await otlp.drop(captureId, reason);
      },
    },
    otlp,
  };
  await jobs.freeDeadWorkers();
  await requeueUnfinished(services);
  await removeAbandonedUploads(services);
  const workers = superviseWorkers({
    program: options.workerProgram,
    databaseUrl: url,
    dataFolder: settings.dataFolder,
    protocolsFolder: settings.protocolsFolder,
    onDeath: () => jobs.freeDeadWorkers(),
  });
  closers.push(() => workers.stop());
  const freeing = setInterval(() => void jobs.freeDeadWorkers().catch(() => undefined), FREE_DEAD_WORKERS_EVERY_MS);
  closers.push(async () => clearInterval(freeing));
  closers.push(() => endpoint.close());
  closers.push(() => otlp.close());
  return { services, endpoint };
}

function answer(
  http: Server,
  { settings, development }: ServerOptions,
  services: Services,
  endpoint: ReturnType<typeof createLiveEndpoint>,
  pages: Pages | undefined,
): void {
  const security = createSecurity(settings, development);
  const route = createRouter(apiRoutes(services));
  const sendPrivateWorker = privateWorkerSender(settings.root, development);
  http.off('request', stillStarting);
  // Slow uploads take as long as they take; a head must still come promptly.
  http.requestTimeout = 0;
  http.on('request', async (request, response) => {
    try {
      security.setHeaders(response);
      security.checkSource(request);
      const url = requestUrl(request);
      if (!(await admit(security, request, response, url))) return;
      if (url.pathname === PRIVATE_WORKER_PATH) await sendPrivateWorker(response);
      else if (pages === undefined || url.pathname.startsWith('/api/') || url.pathname === OTLP_TRACES_PATH)
        await route(request, response, url);
      else await pages.handle(request, response);
    } catch (error) {
      await sendError(request, response, error);
    }
  });
  http.on('upgrade', async (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    try {
      security.checkSource(request);
      if (!security.isAuthorised(request)) return refuseUpgrade(socket, '401 Unauthorized');
      if (request.url?.split('?')[0] === LIVE_PATH) endpoint.accept(request, socket, head);
      else if (pages !== undefined) await pages.upgrade(request, socket, head);
      else refuseUpgrade(socket, '404 Not Found');
    } catch {
      refuseUpgrade(socket, '403 Forbidden');
    }
  });
}

/** Only the path counts; one that begins with two slashes must not be read as a host. */
function requestUrl({ url = '/' }: IncomingMessage): URL {
  if (!url.startsWith('/') || !URL.canParse(`http://local${url}`))
    throw new ApiFailure(400, 'bad-request', 'The address is not valid.');
  return new URL(`http://local${url}`);
}

function stillStarting(_request: IncomingMessage, response: ServerResponse): void {
  response
    .writeHead(503, { 'retry-after': '1', 'content-type': 'text/plain' })
    .end('Causeway is starting; try again in a moment.\n');
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function listen(http: Server, { host, port }: Settings): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error) => reject(explain(error, host, port)));
    http.listen(port, host, () => {
      http.removeAllListeners('error');
      resolve();
    });
  });
}

function explain(error: Error, host: string, port: number): Error {
  const code = errorCode(error);
  if (code === 'EADDRINUSE')
    return new PlainError(`Port ${port} is taken by another program: stop that, or start with PORT=${port + 1}.`);
  if (code === 'EACCES')
    return new PlainError(`Port ${port} may only be used by root: start with PORT=3000 or another above 1023.`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new PlainError(`HOST=${host} is no address of this machine.`);
  return error;
}

async function closeHttp(http: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  http.closeAllConnections();
  await closed;
}
