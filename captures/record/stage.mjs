// Starts the programs of a sample capture on free loopback ports in a folder of their own, and ends just those.
import { spawn, spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Relative, and started from the repository's root: a capture keeps command lines, which should not tell whose checkout it was. */
const PROGRAMS = 'captures/programs';
export const POSTGRES_BIN = '/usr/lib/postgresql/15/bin';
const PHP_FPM = '/usr/sbin/php-fpm8.2';
/** PostgreSQL refuses to run as root, so its files and processes belong to `nobody`. */
const NOBODY = { uid: 65534, gid: 65534 };

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** `place`: as `connect` takes it. */
async function waitUntilListening(place) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const open = await new Promise((resolve) => {
      const socket = connect(place, () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await sleep(50);
  }
  throw new Error(`nothing listens on ${JSON.stringify(place)} after 10 seconds`);
}

/** PostgreSQL listens before it lets anybody in. */
async function waitForPostgres(port) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (
      spawnSync(join(POSTGRES_BIN, 'pg_isready'), [
        '-q',
        '-h',
        '127.0.0.1',
        '-p',
        String(port),
        '-U',
        'shop',
        '-d',
        'postgres',
      ]).status === 0
    )
      return;
    await sleep(50);
  }
  throw new Error(`PostgreSQL on port ${port} lets nobody in after 10 seconds`);
}

export function mustSucceed(command, args, options = {}) {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? stderr}`);
}

export class Stage {
  #children = [];

  static async open() {
    const stage = new Stage();
    stage.folder = await mkdtemp(join(tmpdir(), 'causeway-stage-'));
    await chmod(stage.folder, 0o755);
    return stage;
  }

  /** Starts a program and waits until it listens. Returns its pid and port. */
  async #start(command, args, port, options) {
    return { ...(await this.startAt(command, args, { port, host: '127.0.0.1' }, options)), port };
  }

  /** The same for a place as `connect` takes it. */
  async startAt(command, args, place, options) {
    const { pid } = this.spawn(command, args, options);
    await waitUntilListening(place);
    return { pid };
  }

  /** A program that is ended with the stage. */
  spawn(command, args, { env = {}, ...options } = {}) {
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...env },
      ...options,
    });
    this.#children.push(child);
    return child;
  }

  async redis() {
    const port = await freePort();
    return this.#start(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', this.folder],
      port,
    );
  }

  /** Redis that listens on a unix socket alone. */
  async redisOnSocket() {
    const path = join(this.folder, 'redis.sock');
    const args = ['--port', '0', '--unixsocket', path, '--save', '', '--dir', this.folder];
    return { ...(await this.startAt('redis-server', args, { path })), path };
  }

  /** A name server that knows the names of a small shop, and nobody to ask about others. */
  async dnsmasq() {
    const port = await freePort();
    const apart = ['--keep-in-foreground', '--conf-file=/dev/null', '--pid-file', '--no-hosts', '--no-resolv'];
    const place = ['--user=nobody', '--listen-address=127.0.0.1', '--bind-interfaces', `--port=${port}`];
    const records = [
      '--local=/shop.test/',
      '--host-record=stock.shop.test,10.0.0.5,fd00::5',
      '--host-record=orders.shop.test,10.0.0.6',
      '--srv-host=_http._tcp.shop.test,stock.shop.test,8080',
      '--txt-record=version.shop.test,v=3',
    ];
    return this.#start('/usr/sbin/dnsmasq', [...apart, ...place, ...records], port);
  }

  async postgres() {
    const port = await freePort();
    const data = join(this.folder, 'postgres');
    await mkdir(data);
    const owner = process.getuid() === 0 ? NOBODY : {};
    if (owner.uid !== undefined) mustSucceed('chown', ['65534:65534', data]);
    mustSucceed(join(POSTGRES_BIN, 'initdb'), ['-D', data, '-U', 'shop', '-E', 'UTF8', '--locale=C', '-A', 'trust'], {
      cwd: '/',
      ...owner,
    });
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      autovacuum: 'off',
      fsync: 'off',
      max_connections: '400',
      log_min_messages: 'panic',
    };
    const args = [
      '-D',
      data,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ];
    const started = await this.#start(join(POSTGRES_BIN, 'postgres'), args, port, { cwd: '/', ...owner });
    await waitForPostgres(port);
    mustSucceed('psql', [
      '-q',
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-U',
      'shop',
      'postgres',
      '-c',
      await readFile(join(ROOT, PROGRAMS, 'shop.sql'), 'utf8'),
    ]);
    return started;
  }

  /** Fills in a configuration. "API_PORT" first: "PORT" is a part of it. */
  async #configure(name, { port, apiPort = 0, apiPlace = `127.0.0.1:${apiPort}` }) {
    const text = await readFile(join(ROOT, PROGRAMS, name), 'utf8');
    const file = join(this.folder, basename(name));
    const values = { API_PORT: apiPort, API_PLACE: apiPlace, PREFIX: this.folder, PORT: port };
    await writeFile(
      file,
      Object.entries(values).reduce((out, [word, value]) => out.replaceAll(word, value), text),
    );
    return file;
  }

  /** `api`: a port of this host, or a place as nginx names it. */
  async nginx(api, configuration = 'nginx.conf') {
    const port = await freePort();
    const place = typeof api === 'number' ? { apiPort: api } : { apiPlace: api };
    const file = await this.#configure(configuration, { port, ...place });
    return this.#start('/usr/sbin/nginx', ['-c', file, '-p', this.folder], port);
  }

  async haproxy(apiPort) {
    const port = await freePort();
    const file = await this.#configure('traced/haproxy.cfg', { port, apiPort });
    return this.#start('/usr/sbin/haproxy', ['-db', '-f', file], port);
  }

  async nats() {
    const port = await freePort();
    const log = join(this.folder, 'nats.log');
    return this.#start('/usr/sbin/nats-server', ['-a', '127.0.0.1', '-p', String(port), '-l', log], port);
  }

  /** A Go program, built into the stage's folder first. */
  async goProgram(file, env) {
    const binary = join(this.folder, basename(file, '.go'));
    mustSucceed('go', ['build', '-o', binary, join(PROGRAMS, file)], {
      cwd: ROOT,
      env: { ...process.env, GO111MODULE: 'off', GOFLAGS: '-trimpath' },
    });
    const port = await freePort();
    return this.#start(binary, [], port, { env: { PORT: String(port), ...env } });
  }

  /** The shop in PHP. Its script is copied: the pool's user may not be allowed to read the repository. */
  async phpShop({ redis }) {
    const port = await freePort();
    await copyFile(join(ROOT, PROGRAMS, 'shop.php'), join(this.folder, 'shop.php'));
    const file = await this.#configure('php-fpm.conf', { port, apiPort: redis.port });
    return this.#start(PHP_FPM, ['--nodaemonize', '--fpm-config', file, '--prefix', this.folder], port);
  }

  async shopApi({ redis, postgres, pool = 8 }) {
    const port = await freePort();
    const env = {
      PORT: String(port),
      REDIS_PORT: String(redis.port),
      POSTGRES_PORT: String(postgres.port),
      POOL: String(pool),
    };
    return this.#start('node', [`${PROGRAMS}/shop-api.mjs`], port, { env });
  }

  /** Paths of a key and of a certificate for 127.0.0.1 that trusts itself. */
  async certificate() {
    const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => join(this.folder, name));
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate];
    mustSucceed('openssl', ['req', '-x509', ...made, ...subject]);
    return { key, certificate };
  }

  async httpsApi({ certificate, backend }) {
    const port = await freePort();
    const env = {
      PORT: String(port),
      KEY: certificate.key,
      CERTIFICATE: certificate.certificate,
      NODE_EXTRA_CA_CERTS: certificate.certificate,
      ...(backend !== undefined && { BACKEND: `https://127.0.0.1:${backend.port}` }),
    };
    return this.#start('node', [`${PROGRAMS}/https-api.mjs`], port, { env });
  }

  async threadedApi({ postgres }) {
    const port = await freePort();
    return this.#start('/usr/bin/python3', [`${PROGRAMS}/threaded-api.py`], port, {
      env: { PORT: String(port), POSTGRES_PORT: String(postgres.port) },
    });
  }

  /** A program of captures/programs that serves PORT. */
  async program(command, file, env = {}) {
    const port = await freePort();
    return this.#start(command, [`${PROGRAMS}/${file}`], port, { env: { PORT: String(port), ...env } });
  }

  /** The client as a command line and its environment, to be run by the recorder. */
  client(settings) {
    return { command: ['node', `${PROGRAMS}/client.mjs`], env: { ...process.env, ...settings } };
  }

  /** Runs the client without recording it; resolves when it has ended. */
  async runClient(settings) {
    const child = this.startClient(settings);
    await new Promise((resolve) => child.once('close', resolve));
  }

  startClient(settings) {
    const { command, env } = this.client(settings);
    const child = spawn(command[0], command.slice(1), { cwd: ROOT, stdio: 'ignore', env });
    this.#children.push(child);
    return child;
  }

  async close() {
    for (const child of this.#children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await Promise.race([ended, sleep(5000).then(() => child.kill('SIGKILL'))]);
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Records with the agent; `args` as for `causeway record`. Resolves when the recording has ended. */
export async function record(output, args, env = process.env) {
  const [command, ...words] = recorder(output, args);
  const child = spawn(command, words, { cwd: ROOT, stdio: 'inherit', env });
  const status = await new Promise((resolve) => child.once('close', resolve));
  if (status !== 0) throw new Error(`causeway record ended with status ${status}`);
}

/** The command line of a recording. */
export function recorder(output, args) {
  return ['node', join(ROOT, 'apps', 'capture-agent', 'bin', 'causeway.mjs'), 'record', '-o', output, ...args];
}
