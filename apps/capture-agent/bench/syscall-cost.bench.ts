import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChecks } from '../src/doctor/checks';
import { packageRoot } from '../src/native/package-root';
import { Recording } from '../src/record/recording';
import type { RecordingOptions } from '../src/record/recording-options';
import { NO_TARGETS } from '../src/record/targets';
import { compileLoad, Load } from './load';
import { median, type Row } from './row';

const ROUNDS = 7;
/** In one burst of the two hundred that `load.c` makes. */
const CALLS = 64;
const EMPTY_CALLS = 1000;
/** Of a recorded call, and of a hooked call of another program. */
const TARGET_NS = 550;
const OTHER_TARGET_NS = 200;
/** What DeepFlow publishes for instrumented calls, on its own hardware (SIGCOMM'23). */
const PUBLISHED = 'published by DeepFlow: 277–889 ns';

/** Modes of `load.c`, with the calls that their answers are about. */
const PAIRS = [
  ['write', 'read'],
  ['writev', 'readv'],
  ['sendto', 'recvfrom'],
  ['sendmsg', 'recvmsg'],
  ['sendmmsg', 'recvmmsg'],
] as const;

/** Commands of `tls-load.py` and `go-load.go`. */
const TLS_CALLS = 'tls 100';
const GO_CALLS = 'go 500';

type Extra = Pick<RecordingOptions, 'tls' | 'go' | 'hooks' | 'callReturns'>;

/** Other ways to see calls than the usual one, at the sockets. */
const WAYS: readonly (readonly [string, Extra])[] = [
  ['with --call-returns', { callReturns: 'always' }],
  ['with --hooks calls', { hooks: 'calls' }],
];

/** Nanoseconds of processor time per call, by its place in the answer. */
interface Pair {
  readonly alone: readonly number[];
  readonly recorded: readonly number[];
}

const timesOf = async (load: Load, command: string) => (await load.ask(command)).split(' ').map(Number);

/** Without and with the recorder in turns, so that whatever else the machine does falls on both alike. */
async function pairs(load: Load, command: string, target: number, extra: Extra = {}): Promise<Pair[]> {
  const found: Pair[] = [];
  await timesOf(load, command);
  for (let round = 0; round < ROUNDS; round++) {
    const before = await timesOf(load, command);
    const recording = new Recording({
      targets: { ...NO_TARGETS, pids: [target] },
      payloadLimit: 1024,
      ...extra,
      flushMs: 500,
      sink: () => {},
      onFailure: (error) => {
        throw error;
      },
    });
    const recorded = await timesOf(load, command);
    await recording.stop();
    const after = await timesOf(load, command);
    found.push({ alone: before.map((time, i) => (time + after[i]!) / 2), recorded });
  }
  return found;
}

function row(name: string, found: readonly Pair[], place: number, target?: number, note = ''): Row {
  const alone = median(found.map((pair) => pair.alone[place]!));
  const added = median(found.map((pair) => pair.recorded[place]! - pair.alone[place]!));
  const ratio = median(found.map((pair) => pair.recorded[place]! / pair.alone[place]!));
  const pairText = `${alone.toFixed(0)} ns with no agent, × ${ratio.toFixed(2)}; median of ${found.length} pairs`;
  return {
    name,
    value: added,
    unit: 'ns a call',
    ...(target !== undefined && { target, atMost: true as const }),
    note: note === '' ? pairText : `${pairText}; ${note}`,
  };
}

/** Of SSL_read and SSL_write, which make a system call each: what recording adds, without and with their plaintext. */
async function tlsRows(folder: string): Promise<Row[]> {
  const [python, source] = ['/usr/bin/python3', join(packageRoot(), 'bench', 'tls-load.py')];
  if (!existsSync(python)) return [{ name: `TLS plaintext not measured: no ${python}`, value: 0, unit: '' }];
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=localhost',
    '-keyout',
    key,
    '-out',
    certificate,
  ];
  const { status } = spawnSync('openssl', made);
  if (status !== 0) return [{ name: 'TLS plaintext not measured: no openssl command', value: 0, unit: '' }];
  const load = new Load(python, [source, key, certificate]);
  try {
    return [
      row('SSL_read or SSL_write, 1 KB, without --tls', await pairs(load, TLS_CALLS, load.pid), 0),
      row('SSL_read or SSL_write, 1 KB, with --tls', await pairs(load, TLS_CALLS, load.pid, { tls: true }), 0),
    ];
  } finally {
    load.end();
  }
}

/** What it takes longer to start a goroutine. */
async function goRows(folder: string): Promise<Row[]> {
  const program = join(folder, 'go-load');
  const env = { ...process.env, GO111MODULE: 'off', GOCACHE: join(folder, 'cache') };
  const { status } = spawnSync('go', ['build', '-o', program, join(packageRoot(), 'bench', 'go-load.go')], { env });
  if (status !== 0) return [{ name: 'goroutines not measured: no go command', value: 0, unit: '' }];
  const load = new Load(program);
  try {
    return [row('starting a goroutine, with --go', await pairs(load, GO_CALLS, load.pid, { go: true }), 0)];
  } finally {
    load.end();
  }
}

/** What recording adds to a system call, of programs that are recorded and of all others. */
export default async function syscallCost(): Promise<Row[]> {
  const lacking = runChecks().filter(({ ok }) => !ok);
  if (lacking.length > 0) return [{ name: `not measured: ${lacking[0]!.title}`, value: 0, unit: '' }];
  const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
  const program = compileLoad(folder);
  const [load, other] = [new Load(program), new Load(program)];
  try {
    const rows: Row[] = [];
    for (const calls of PAIRS) {
      const found = await pairs(load, `${calls[0]} ${CALLS}`, load.pid);
      // The target of the issue is for read and write; the others stand beside it.
      const target = calls[0] === 'write' ? TARGET_NS : undefined;
      calls.forEach((call, i) => {
        rows.push(row(`${call}, 1 KB on loopback TCP, recorded`, found, i, target, PUBLISHED));
      });
    }
    const unrecorded = await pairs(load, `write ${CALLS}`, other.pid);
    rows.push(row('write of a program not recorded', unrecorded, 0, OTHER_TARGET_NS));
    rows.push(row('read of a program not recorded', unrecorded, 1, OTHER_TARGET_NS));
    rows.push(row('getppid of a recorded program', await pairs(load, `getppid ${EMPTY_CALLS}`, load.pid), 0));
    rows.push(row('getppid of a program not recorded', await pairs(load, `getppid ${EMPTY_CALLS}`, other.pid), 0));
    for (const [way, extra] of WAYS) {
      const found = await pairs(load, `write ${CALLS}`, load.pid, extra);
      rows.push(row(`write, recorded, ${way}`, found, 0), row(`read, recorded, ${way}`, found, 1));
      const empty = await pairs(load, `getppid ${EMPTY_CALLS}`, other.pid, extra);
      rows.push(row(`getppid of a program not recorded, ${way}`, empty, 0));
    }
    return [...rows, ...(await tlsRows(folder)), ...(await goRows(folder))];
  } finally {
    load.end();
    other.end();
    rmSync(folder, { recursive: true, force: true });
  }
}
