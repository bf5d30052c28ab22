import { spawnSync } from 'node:child_process';

export const canMakeNetworks =
  process.getuid?.() === 0 && spawnSync('ip', ['-V']).status === 0 && spawnSync('ip', ['netns', 'list']).status === 0;

function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

/**
 * Two hosts and a router between them, each a network namespace, joined by veth pairs:
 *
 *   client [c0 10.91.1.2] ── [r0 10.91.1.1] router [r1 10.91.2.1] ── [s0 10.91.2.2] server
 */
export class Network {
  readonly client: string;
  readonly router: string;
  readonly server: string;

  constructor() {
    const [client, router, server] = ['c', 'r', 's'].map((name) => `cw${process.pid}${name}`) as [
      string,
      string,
      string,
    ];
    this.client = client;
    this.router = router;
    this.server = server;
    for (const name of [client, router, server]) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    this.join(client, 'c0', 'r0', '10.91.1');
    this.join(server, 's0', 'r1', '10.91.2');
    ip('netns', 'exec', router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  }

  private join(name: string, far: string, near: string, subnet: string): void {
    ip('-n', name, 'link', 'add', far, 'type', 'veth', 'peer', 'name', near, 'netns', this.router);
    ip('-n', name, 'addr', 'add', `${subnet}.2/24`, 'dev', far);
    ip('-n', this.router, 'addr', 'add', `${subnet}.1/24`, 'dev', near);
    ip('-n', name, 'link', 'set', far, 'up');
    ip('-n', this.router, 'link', 'set', near, 'up');
    ip('-n', name, 'route', 'add', 'default', 'via', `${subnet}.1`);
  }

  remove(): void {
    for (const name of [this.client, this.router, this.server]) spawnSync('ip', ['netns', 'delete', name]);
  }
}
