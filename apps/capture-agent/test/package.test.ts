import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/native/package-root';
import { BareRoot } from './support/bare-root';
import { LACKING, scratchFolder } from './support/recorded';
import { unitSetting } from './support/service-unit';

const SERVER = `require('node:http').createServer((_, answer) => answer.end('fine')).listen(0, '127.0.0.1', function () {
  console.log(this.address().port);
});`;

describe.skipIf(LACKING !== '')(`the package (needs ${LACKING || 'nothing more'})`, { timeout: 120_000 }, () => {
  const folder = scratchFolder();
  const children: ChildProcess[] = [];
  let installed = '';
  let command = '';
  /** Node and what `causeway record` itself calls; no compiler. */
  const tools = join(folder.path, 'tools');

  beforeAll(() => {
    const packed = spawnSync('node', [join(packageRoot(), 'package.mjs'), folder.path], { encoding: 'utf8' });
    expect(packed.stderr).toBe('');
    const home = join(folder.path, 'empty');
    mkdirSync(home);
    const flags = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    const result = spawnSync('npm', ['install', ...flags, packed.stdout.trim()], { cwd: home, encoding: 'utf8' });
    expect(result.status, result.stderr).toBe(0);
    installed = join(home, 'node_modules', '@causeway', 'capture-agent');
    command = join(home, 'node_modules', '.bin', 'causeway');
    mkdirSync(tools);
    symlinkSync(process.execPath, join(tools, 'node'));
    for (const each of ['sh', 'id', 'mkfifo']) symlinkSync(`/usr/bin/${each}`, join(tools, each));
    // Another user is to run it.
    chmodSync(folder.path, 0o755);
  }, 120_000);
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => folder.remove());

  const env = () => ({ PATH: tools, HOME: folder.path });
  /** With what sets a test up. */
  const path = () => ({ ...env(), PATH: `${tools}:${process.env.PATH}` });

  /** A server of its own process, and its port. */
  async function httpServer(): Promise<{ readonly pid: number; readonly port: number }> {
    const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const [port] = await once(child.stdout!, 'data');
    return { pid: child.pid!, port: Number(port) };
  }

  /** Runs a recorder, asks the server once while it records, and ends it. */
  async function recordOneRequest(run: readonly string[], port: number, environment = env()) {
    const [program, ...args] = run;
    const child = spawn(program!, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: environment,
    });
    children.push(child);
    let said = '';
    const ended = once(child, 'close');
    await new Promise<void>((resolve) => {
      child.once('close', () => resolve());
      child.stderr!.on('data', (text) => {
        said += text;
        if (/^Recording to/m.test(said)) resolve();
      });
    });
    await (await fetch(`http://127.0.0.1:${port}/asked`)).text();
    child.kill('SIGINT');
    const [status] = await ended;
    expect({ status, said }).toMatchObject({ status: 0 });
    return said;
  }

  const requestsIn = (file: string) => {
    const { stdout, stderr } = spawnSync(command, ['messages', file, '--json'], { env: env(), encoding: 'utf8' });
    expect(stderr).toBe('');
    const messages = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    return messages.filter(({ type }) => type === 'request').map(({ resource }) => resource);
  };

  it('holds all it needs, with every licence, and depends on nothing', () => {
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: '@causeway/capture-agent', bin: { causeway: 'bin/causeway.mjs' } });
    expect(Object.keys(manifest).filter((key) => /dependencies|scripts|private/i.test(key))).toEqual([]);
    expect(readdirSync(installed).sort()).toEqual([
      'LICENSE',
      'LICENSE.bpf',
      'LICENSES.third-party',
      'README.md',
      'bin',
      'build',
      'deploy',
      'dist',
      'package.json',
      'recording.md',
    ]);
    const licences = readFileSync(join(installed, 'LICENSES.third-party'), 'utf8');
    for (const each of ['commander', 'msgpackr', 'ws', 'node-addon-api']) {
      expect(licences).toMatch(new RegExp(`^${each} \\d`, 'm'));
    }
    // Nothing of this checkout's place is in it.
    const addon = readFileSync(join(installed, 'build', 'Release', 'causeway.node'), 'latin1');
    expect(addon.includes(join(packageRoot(), 'native'))).toBe(false);
  });

  it('records and replays outside the repository, where no compiler is on the PATH', async () => {
    expect(spawnSync('cc', ['--version'], { env: env() }).error).toMatchObject({ code: 'ENOENT' });
    const doctor = spawnSync(command, ['doctor', '--json'], { env: env(), encoding: 'utf8' });
    expect(JSON.parse(doctor.stdout)).toMatchObject({ possible: true });
    const file = join(folder.path, 'plain.causeway.msgpack');
    const { pid, port } = await httpServer();
    await recordOneRequest([command, 'record', '-o', file, '--pid', String(pid)], port);
    expect(requestsIn(file)).toEqual(['/asked']);
    const replayed = spawnSync(command, ['replay', file], { env: env(), encoding: 'utf8' });
    expect(replayed).toMatchObject({ status: 0, stderr: '' });
    expect(replayed.stdout).toMatch(/GET \/asked/);
  });

  it('says which libraries to install on a bare host, and records there once they are', async () => {
    const root = new BareRoot(mkdtempSync(join(folder.path, 'root-')));
    cpSync(installed, join(root.path, 'agent'), { recursive: true });
    const run = (...args: string[]) => root.command('/agent/bin/causeway.mjs', ...args);
    const doctor = () => {
      const [program, ...args] = run('doctor');
      return spawnSync(program, args, { env: path(), encoding: 'utf8' });
    };
    const before = doctor();
    expect(before.stderr).toBe('');
    expect(before.status).toBe(1);
    expect(before.stdout).toMatch(/libbpf\.so\.1, which this host lacks/);
    expect(before.stdout).toMatch(/→ apt-get install -y libbpf1 libelf1 zlib1g\n/);
    root.addLibraries(join(installed, 'build', 'Release', 'causeway.node'));
    expect(doctor()).toMatchObject({ status: 0, stderr: '' });
    const { pid, port } = await httpServer();
    await recordOneRequest(run('record', '-o', '/tmp/bare.causeway.msgpack', '--pid', String(pid)), port, path());
    expect(requestsIn(join(root.path, 'tmp', 'bare.causeway.msgpack'))).toEqual(['/asked']);
  });

  it('records as its systemd unit starts it: that command line, a user with those rights and no way to more', async () => {
    const { pid, port } = await httpServer();
    const state = join(folder.path, 'state');
    mkdirSync(state);
    chmodSync(state, 0o777);
    const options = `--pid ${pid} --dump-on exit`;
    const words = unitSetting('ExecStart')!.replace('${STATE_DIRECTORY}', state).replace('$CAUSEWAY_OPTIONS', options);
    const capabilities = unitSetting('AmbientCapabilities')!.toLowerCase().replaceAll('cap_', '+').replaceAll(' ', ',');
    const sets = ['inh-caps', 'ambient-caps', 'bounding-set'].flatMap((set) => [`--${set}`, `-all,${capabilities}`]);
    const user = ['--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups', '--no-new-privs'];
    const environment = { ...path(), PATH: `${dirname(command)}:${path().PATH}`, XDG_STATE_HOME: state };
    await recordOneRequest(['setpriv', ...user, ...sets, '--', ...words.split(/\s+/)], port, environment);
    const dumps = readdirSync(state).filter((name) => name.endsWith('.causeway.msgpack'));
    expect(dumps).toHaveLength(1);
    expect(requestsIn(join(state, dumps[0]!))).toEqual(['/asked']);
  });

  it('records as another user with two capabilities, and not with one of them', async () => {
    const output = join(folder.path, 'theirs');
    mkdirSync(output);
    chmodSync(output, 0o777);
    const file = join(output, 'capture.causeway.msgpack');
    const { pid, port } = await httpServer();
    const record = [command, 'record', '-o', file, '--pid', String(pid), '--agent-user', 'nobody'];
    await recordOneRequest(record, port, path());
    // What it held open was written by that user: the file is theirs.
    expect(spawnSync('stat', ['-c', '%U', file], { encoding: 'utf8' }).stdout.trim()).toBe('nobody');
    expect(requestsIn(file)).toEqual(['/asked']);
    for (const [one, other] of [
      ['bpf', 'perfmon'],
      ['perfmon', 'bpf'],
    ] as const) {
      const only = ['inh-caps', 'ambient-caps', 'bounding-set'].flatMap((set) => [`--${set}`, `-all,+${one}`]);
      const asNobody = ['--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups', ...only];
      const without = spawnSync('setpriv', [...asNobody, '--', command, 'record', '-o', `${file}.${one}`, '--all'], {
        env: path(),
        encoding: 'utf8',
      });
      expect(without.status, `without ${other}`).toBe(1);
      expect(without.stderr).toMatch(/Recording cannot begin/);
      expect(existsSync(`${file}.${one}`)).toBe(false);
    }
  });
});
