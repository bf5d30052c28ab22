import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, PlainError } from '../plain-error';
import { withFileLock } from './file-lock';
import { giveTo } from './postgres-account';
import { chooseDatabase, countOtherClients, type DatabaseAddress, databaseUrl, probe } from './postgres-address';
import { findPostgresBinaries } from './postgres-binaries';
import { findPlace, type PostgresPlace } from './postgres-place';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;
const GOODBYE_LIMIT_MS = 700;

/** A PostgreSQL of our own, found running or started. */
export interface EmbeddedPostgres {
  readonly url: string;
  /** Stops the server, unless another Causeway is using it. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded server with its data in `<dataFolder>/postgres`, made at the first start. A server that a killed
 * run left behind is used again when it answers, and stopped when it does not. Loopback only, password in a file that
 * the owner alone may read.
 * @throws PlainError when it cannot be made or started; the message names the log.
 */
export async function startEmbeddedPostgres(dataFolder: string): Promise<EmbeddedPostgres> {
  const binaries = await findPostgresBinaries();
  const place = findPlace(binaries, dataFolder);
  const log = join(dataFolder, 'postgres.log');
  return withFileLock(join(dataFolder, 'postgres.lock'), async () => {
    const address = await readAddress(dataFolder);
    if (!existsSync(join(place.data, 'PG_VERSION'))) initialise(place, address, dataFolder, log);
    giveTo(place.account, place.data);
    const running = runningPid(place);
    if (running !== undefined && !(await answers(address, running))) await stopProcess(running);
    if (runningPid(place) === undefined) await start(place, address, log, dataFolder);
    await chooseDatabase(address);
    return { url: databaseUrl(address), stop: () => stopUnlessShared(place, address) };
  });
}

async function readAddress(dataFolder: string): Promise<DatabaseAddress> {
  const file = join(dataFolder, 'database.json');
  if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8'));
  const address: DatabaseAddress = { port: await freePort(), password: randomBytes(24).toString('hex') };
  await writeFile(file, JSON.stringify(address), { mode: 0o600 });
  return address;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject()));
    });
  });
}

function initialise(place: PostgresPlace, { password }: DatabaseAddress, dataFolder: string, log: string): void {
  // What an interrupted first start left is no database: PG_VERSION is written last.
  rmSync(place.data, { recursive: true, force: true });
  mkdirSync(place.data, { mode: 0o700 });
  giveTo(place.account, place.data);
  const passwordFile = `${place.data}.password`;
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  giveTo(place.account, passwordFile);
  const [command, args] = commandLine(place, 'initdb', [
    ...['-D', place.data, '-U', 'causeway', '-E', 'UTF8', '--locale=C', '-A', 'scram-sha-256', '--no-instructions'],
    `--pwfile=${passwordFile}`,
  ]);
  const made = spawnSync(command, args, { ...place.account.spawnAs, cwd: '/', encoding: 'utf8' });
  rmSync(passwordFile);
  if (made.status === 0) return;
  writeFileSync(log, `${made.stdout ?? ''}${made.stderr ?? ''}${made.error?.message ?? ''}`);
  rmSync(place.data, { recursive: true, force: true });
  const full = /no space left/i.test(made.stderr ?? '');
  throw new PlainError(
    full
      ? `The disk that holds ${dataFolder} is full: make room, or set CAUSEWAY_DATA to another folder.`
      : `The embedded database could not be made; ${log} says why. DATABASE_URL can name a PostgreSQL of yours instead.`,
  );
}

function commandLine(place: PostgresPlace, program: string, args: string[]): [string, string[]] {
  const [command = program, ...rest] = [...place.account.prefix, join(place.programs, 'bin', program), ...args];
  return [command, rest];
}

async function start(place: PostgresPlace, address: DatabaseAddress, log: string, dataFolder: string): Promise<void> {
  const port = await portFor(address, dataFolder);
  const settings = [
    ...['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=100', 'jit=off'],
    // Nobody replicates from here, and without it a COPY into a fresh table needs no log.
    ...['wal_level=minimal', 'max_wal_senders=0', 'max_wal_size=2GB', 'maintenance_work_mem=256MB'],
    // Containers give /dev/shm 64 MB or less.
    ...['dynamic_shared_memory_type=mmap', 'max_parallel_workers_per_gather=0', 'max_parallel_maintenance_workers=0'],
  ];
  const [command, args] = commandLine(place, 'postgres', [
    ...['-D', place.data, '-p', String(port)],
    ...settings.flatMap((setting) => ['-c', setting]),
  ]);
  const output = openSync(log, 'w', 0o600);
  // Detached: Ctrl-C in the terminal reaches us, and we stop the server after the connections are closed.
  const child = spawn(command, args, {
    ...place.account.spawnAs,
    cwd: '/',
    detached: true,
    stdio: ['ignore', output, output],
  });
  child.unref();
  await untilReady(child, { ...address, port }, log, dataFolder);
}

/** The port of last time, or another when someone else took it meanwhile. */
async function portFor(address: DatabaseAddress, dataFolder: string): Promise<number> {
  const free = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(address.port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
  if (free) return address.port;
  address.port = await freePort();
  await writeFile(join(dataFolder, 'database.json'), JSON.stringify(address), { mode: 0o600 });
  return address.port;
}

async function untilReady(
  child: ChildProcess,
  address: DatabaseAddress,
  log: string,
  dataFolder: string,
): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  let failure: unknown;
  while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
    failure = await probe(address, 'postgres').catch((error: unknown) => error);
    if (typeof failure === 'string') return;
    await delay(30);
  }
  const text = existsSync(log) ? readFileSync(log, 'utf8') : messageOf(failure);
  if (/no space left/i.test(text)) {
    throw new PlainError(
      `The disk that holds ${dataFolder} is full: make room, or set CAUSEWAY_DATA to another folder.`,
    );
  }
  const last = text.trim().split('\n').at(-1) ?? '';
  throw new PlainError(`The embedded database did not start (${last}); ${log} has the whole story.`);
}

/** The process that `postmaster.pid` names, if it lives and is a PostgreSQL on these data. */
function runningPid(place: PostgresPlace): number | undefined {
  const file = join(place.data, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (Number.isInteger(pid) && pid > 0 && isPostgresOn(pid, place.data)) return pid;
  // After a crash of the machine the number may be anyone's: PostgreSQL itself would then refuse to start.
  rmSync(file, { force: true });
  return undefined;
}

function isPostgresOn(pid: number, data: string): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const commandFile = `/proc/${pid}/cmdline`;
  return !existsSync(commandFile) || readFileSync(commandFile, 'utf8').split('\0').includes(data);
}

/** Whether our server answers with our password; one that is still starting or recovering gets time while it lives. */
async function answers(address: DatabaseAddress, pid: number): Promise<boolean> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    const answer = await probe(address, 'postgres').catch((error: unknown) => error);
    if (typeof answer === 'string') return true;
    const starting = messageOf(answer).includes('starting up') || messageOf(answer).includes('recovery');
    if (!starting || !isAlive(pid)) return false;
    await delay(100);
  }
  return false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function stopUnlessShared(place: PostgresPlace, address: DatabaseAddress): Promise<void> {
  const pid = runningPid(place);
  if (pid === undefined) return;
  // The database takes a moment to notice that a worker of ours was killed.
  const deadline = Date.now() + GOODBYE_LIMIT_MS;
  for (;;) {
    const others = await countOtherClients(address).catch(() => 0);
    if (others === 0) return stopProcess(pid);
    if (Date.now() > deadline) return;
    await delay(50);
  }
}

/** SIGINT is PostgreSQL's fast shutdown: sessions are ended, the data are written out. */
async function stopProcess(pid: number): Promise<void> {
  const deadline = Date.now() + STOP_LIMIT_MS;
  signal(pid, 'SIGINT');
  while (isAlive(pid) && Date.now() < deadline) await delay(20);
  // Its crash recovery mends what this leaves.
  if (isAlive(pid)) signal(pid, 'SIGQUIT');
  while (isAlive(pid) && Date.now() < deadline + 5_000) await delay(20);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself meanwhile.
  }
}
