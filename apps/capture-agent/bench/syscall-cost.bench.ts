import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runChecks } from '../src/doctor/checks';
import { packageRoot } from '../src/native/package-root';
import { Recording, type RecordingOptions } from '../src/record/recording';
import { median, type Row } from './row';

const ROUNDS = 9;
/** In one burst of the twenty that `load.c` makes. */
const CALLS = { tcp: 500, tls: 100, go: 500, getppid: 10_000 } as const;
/** The highest that DeepFlow publishes for an instrumented call, on its own hardware (SIGCOMM'23). */
const PUBLISHED_NS = 889;

type Mode = keyof typeof CALLS;
type Extra = Pick<RecordingOptions, 'tls' | 'go'>;

class Load {
  readonly pid: number;
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(program: string, args: readonly string[] = []) {
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.pid = this.child.pid!;
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /** Nanoseconds of processor time per call. */
  async run(mode: Mode): Promise<number> {
    this.child.stdin!.write(`${mode} ${CALLS[mode]}\n`);
    const { value } = await this.lines.next();
    return Number(value);
  }

  end(): void {
    this.child.stdin!.end();
  }
}

interface Pair {
  readonly alone: number;
  readonly recorded: number;
}

/** Without and with the recorder in turns, so that whatever else the machine does falls on both alike. */
async function pairs(load: Load, mode: Mode, target: number, extra: Extra = {}): Promise<Pair[]> {
  const found: Pair[] = [];
  await load.run(mode);
  for (let round = 0; round < ROUNDS; round++) {
    const before = await load.run(mode);
    const recording = new Recording({
      targets: { pids: [target], comms: [], ports: [], command: [], all: false },
      payloadLimit: 1024,
      ...extra,
      flushMs: 500,
      sink: () => {},
      onFailure: (error) => {
        throw error;
      },
    });
    const recorded = await load.run(mode);
    await recording.stop();
    const after = await load.run(mode);
    found.push({ alone: (before + after) / 2, recorded });
  }
  return found;
}

function rows(what: string, found: readonly Pair[], target?: number): Row[] {
  const alone = median(found.map((pair) => pair.alone));
  const added = median(found.map((pair) => pair.recorded - pair.alone));
  const ratio = median(found.map((pair) => pair.recorded / pair.alone));
  return [
    {
      name: `${what}: added`,
      value: added,
      unit: 'ns a call',
      ...(target !== undefined && { target, atMost: true as const }),
      note: `${alone.toFixed(0)} ns with no agent, × ${ratio.toFixed(2)}; median of ${found.length} pairs`,
    },
  ];
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
      ...rows('SSL_read or SSL_write, 1 KB, without --tls', await pairs(load, 'tls', load.pid)),
      ...rows('SSL_read or SSL_write, 1 KB, with --tls', await pairs(load, 'tls', load.pid, { tls: true })),
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
    return rows('starting a goroutine, with --go', await pairs(load, 'go', load.pid, { go: true }));
  } finally {
    load.end();
  }
}

/** What recording adds to a system call, of programs that are recorded and of all others. */
export default async function syscallCost(): Promise<Row[]> {
  const lacking = runChecks().filter(({ ok }) => !ok);
  if (lacking.length > 0) return [{ name: `not measured: ${lacking[0]!.title}`, value: 0, unit: '' }];
  const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
  const program = join(folder, 'load');
  const source = join(packageRoot(), 'bench', 'load.c');
  const { status, stderr } = spawnSync('cc', ['-O2', source, '-o', program], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const [load, other] = [new Load(program), new Load(program)];
  try {
    return [
      ...rows('recorded read or write, 1 KB on loopback TCP', await pairs(load, 'tcp', load.pid), PUBLISHED_NS),
      ...rows('read or write of a program not recorded', await pairs(load, 'tcp', other.pid)),
      ...rows('other call (getppid) of a recorded program', await pairs(load, 'getppid', load.pid)),
      ...rows('other call (getppid) of a program not recorded', await pairs(load, 'getppid', other.pid)),
      ...(await tlsRows(folder)),
      ...(await goRows(folder)),
    ];
  } finally {
    load.end();
    other.end();
    rmSync(folder, { recursive: true, force: true });
  }
}
