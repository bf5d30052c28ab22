import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runChecks } from '../src/doctor/checks';
import { Agent, cpuSecondsOf } from './agent';
import { median, type Row } from './row';

const ROUNDS = 9;
const SECONDS = 2;
const CONNECTIONS = 32;
const FILE_BYTES = 600;

interface Throughput {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p99: number;
  /** Processor time of nginx itself, in microseconds a request. */
  readonly each: number;
}

/** Milliseconds of a time as wrk writes it: `812.00us`, `1.23ms`, `2.00s`. */
function milliseconds(text: string): number {
  const [, value, unit = ''] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? [];
  return Number(value) * ({ us: 0.001, ms: 1, s: 1000 }[unit] ?? Number.NaN);
}

/** nginx and wrk with each other, or wrk with the agent: there are two processors for the three. */
type Layout = 'agent alone' | 'nginx alone';

function wrk(port: number, nginx: number, layout: Layout): Throughput {
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, '--latency', `http://127.0.0.1:${port}/small`];
  const processor = layout === 'agent alone' ? '0' : '1';
  const before = cpuSecondsOf(nginx);
  const { status, stdout, stderr } = spawnSync('taskset', ['-c', processor, 'wrk', ...args], { encoding: 'utf8' });
  const perSecond = Number(/^Requests\/sec:\s+([\d.]+)/m.exec(stdout)?.[1]);
  const p99 = milliseconds(/^\s+99%\s+(\S+)/m.exec(stdout)?.[1] ?? '');
  const requests = Number(/^\s+(\d+) requests in/m.exec(stdout)?.[1]);
  if (status !== 0 || Number.isNaN(perSecond + p99 + requests)) throw new Error(`wrk: ${stderr}${stdout}`);
  return { perSecond, p99, each: ((cpuSecondsOf(nginx) - before) / requests) * 1e6 };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function answering(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const open = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await sleep(20);
  }
}

const configuration = (folder: string, port: number) => `daemon off; master_process off; pid ${folder}/pid;
error_log ${folder}/error.log; events { worker_connections 512; }
http { access_log off; keepalive_requests 1000000000; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${port}; location / { root ${folder}/www; } } }`;

const between = (a: Throughput, b: Throughput): Throughput => ({
  perSecond: (a.perSecond + b.perSecond) / 2,
  p99: (a.p99 + b.p99) / 2,
  each: (a.each + b.each) / 2,
});

/**
 * One stretch of load after the other, without and with the agent in turns. What the machine can do changes by half within
 * a minute, so each stretch with the agent is held against those before and after it.
 */
async function measure(layout: Layout, port: number, nginx: number, file: string): Promise<Row[]> {
  wrk(port, nginx, layout);
  const pairs: { readonly alone: Throughput; readonly recorded: Throughput }[] = [];
  let [dropped, events, cpuSeconds] = [0, 0, 0];
  let before = wrk(port, nginx, layout);
  for (let round = 0; round < ROUNDS; round++) {
    const agent = await Agent.start(file, [nginx]);
    const recorded = wrk(port, nginx, layout);
    const figures = await agent.end();
    dropped += figures.dropped;
    events += figures.events;
    cpuSeconds += figures.cpuSeconds;
    const after = wrk(port, nginx, layout);
    pairs.push({ alone: between(before, after), recorded });
    before = after;
  }
  const lost = median(pairs.map(({ alone, recorded }) => 100 * (1 - recorded.perSecond / alone.perSecond)));
  const latency = median(pairs.map(({ alone, recorded }) => recorded.p99 / alone.p99));
  const own = median(pairs.map(({ alone, recorded }) => recorded.each - alone.each));
  const each = median(pairs.map(({ alone }) => alone.each)).toFixed(1);
  const base = median(pairs.map(({ alone }) => alone.perSecond)).toFixed(0);
  const isTarget = layout === 'agent alone';
  const name = `nginx at saturation, ${LAYOUTS[layout]}`;
  const baseText = `${base} requests/s with no agent; median of ${ROUNDS} pairs`;
  return [
    {
      name: `${name}: throughput lost`,
      value: lost,
      unit: '%',
      ...(isTarget && { target: 15, atMost: true as const }),
      note: `${baseText}; published by DeepFlow: 30 % (eBPF), 39 % (whole agent)`,
    },
    {
      name: `${name}: p99 latency`,
      value: latency,
      unit: '×',
      ...(isTarget && { target: 1.25, atMost: true as const }),
    },
    {
      name: "nginx's own processor time for a request, in these runs: added",
      value: own,
      unit: 'µs',
      note: `${each} µs with no agent`,
    },
    { name: 'agent, processor time in these runs', value: cpuSeconds / (events / 1e6), unit: 's a million events' },
    { name: 'events dropped in these runs', value: dropped, unit: `of ${(events + dropped).toLocaleString('en')}` },
  ];
}

const LAYOUTS: Readonly<Record<Layout, string>> = {
  'agent alone': 'nginx and wrk on one processor, the agent on the other',
  'nginx alone': 'wrk and the agent sharing the other processor',
};

/** What recording everything of a saturated nginx costs it. */
export default async function nginxSaturation(): Promise<Row[]> {
  const lacking = runChecks().filter(({ ok }) => !ok);
  if (lacking.length > 0) return [{ name: `not measured: ${lacking[0]!.title}`, value: 0, unit: '' }];
  const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
  chmodSync(folder, 0o755);
  spawnSync('mkdir', [join(folder, 'www')]);
  writeFileSync(join(folder, 'www', 'small'), 'x'.repeat(FILE_BYTES));
  const port = await freePort();
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port));
  const nginx = spawn('taskset', ['-c', '0', 'nginx', '-c', join(folder, 'nginx.conf')], { stdio: 'inherit' });
  const file = join(folder, 'nginx.causeway.msgpack');
  try {
    await answering(port);
    const rows = await measure('agent alone', port, nginx.pid!, file);
    return [...rows, ...(await measure('nginx alone', port, nginx.pid!, file))];
  } finally {
    nginx.kill('SIGQUIT');
    await once(nginx, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}
