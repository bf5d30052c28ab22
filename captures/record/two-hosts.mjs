// Two hosts out of one machine: this one, "web", and a network namespace, "app", joined by a pair of virtual interfaces.
// What else makes a host (its name and its machine id) each recorder finds in namespaces of its own.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustSucceed, recorder } from './stage.mjs';

const SUBNET = '10.92.7';

export class TwoHosts {
  appAddress = `${SUBNET}.2`;
  /** Where packets are read, by host. */
  points;
  #namespace = 'causeway-app';
  #near = 'causeway-web';
  #folder;

  static async open(stage) {
    const hosts = new TwoHosts();
    hosts.#folder = stage.folder;
    hosts.#join();
    for (const host of ['web', 'app']) await writeFile(hosts.#machineId(host), `${randomBytes(16).toString('hex')}\n`);
    return hosts;
  }

  #join() {
    const [app, near, far] = [this.#namespace, this.#near, 'eth0'];
    const ip = (...args) => mustSucceed('ip', args);
    ip('netns', 'add', app);
    ip('-n', app, 'link', 'add', far, 'type', 'veth', 'peer', 'name', near, 'netns', String(process.pid));
    ip('addr', 'add', `${SUBNET}.1/24`, 'dev', near);
    ip('-n', app, 'addr', 'add', `${this.appAddress}/24`, 'dev', far);
    ip('link', 'set', near, 'up');
    for (const device of ['lo', far]) ip('-n', app, 'link', 'set', device, 'up');
    this.points = { web: near, app: `netns:${app}/${far}` };
  }

  /** A program on the app host: command and arguments. */
  onApp(...program) {
    return ['ip', ['netns', 'exec', this.#namespace, ...program]];
  }

  /** The recorder of a host: command and arguments. */
  recorder(host, output, args) {
    const become = `hostname ${host} && mount --bind ${this.#machineId(host)} /etc/machine-id && exec "$@"`;
    const command = recorder(output, ['--packets', this.points[host], ...args]);
    return ['unshare', ['--uts', '--mount', 'sh', '-c', become, 'sh', ...command]];
  }

  #machineId(host) {
    return join(this.#folder, `machine-id-${host}`);
  }

  /** The near end of the pair goes with the far one. */
  close() {
    spawnSync('ip', ['netns', 'delete', this.#namespace]);
  }
}

/** `app`: what is recorded there; `web`: the same, with a command at whose end both recordings end. */
export async function recordBothHosts(stage, hosts, folder, { app, web, env }) {
  const file = (host) => join(folder, `${host}.causeway.msgpack`);
  const onApp = stage.spawn(...hosts.recorder('app', file('app'), app), { stdio: ['ignore', 'inherit', 'pipe'] });
  const appEnded = new Promise((resolve) => onApp.once('close', resolve));
  await new Promise((resolve) => onApp.stderr.on('data', (text) => String(text).includes('Recording to') && resolve()));
  const onWeb = stage.spawn(...hosts.recorder('web', file('web'), web), { stdio: 'inherit', env });
  const statuses = [await new Promise((resolve) => onWeb.once('close', resolve))];
  onApp.kill('SIGINT');
  statuses.push(await appEnded);
  if (statuses.some((status) => status !== 0)) throw new Error(`causeway record ended with status ${statuses}`);
}
