import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { run } from '../lib/run.mjs';
import { StepError } from './step.mjs';

/** To build the recorder. An array of names means: the first that the distribution has. */
const FOR_RECORDING = [
  ['clang', 'clang-19'],
  'libbpf-dev',
  ['bpftool', 'linux-tools-common'],
  'libelf-dev',
  'zlib1g-dev',
  'pkg-config',
  'g++',
  'make',
];
/** The programs that tests record and drive. */
const FOR_TESTS = [
  'chromium',
  'nginx-light',
  'redis-server',
  'postgresql',
  'python3',
  'python3-psycopg2',
  'dnsutils',
  'wrk',
  'iproute2',
  'curl',
  'util-linux',
];

const POLICY = '/usr/sbin/policy-rc.d';
const CLUSTER_SETTINGS = '/etc/postgresql-common/createcluster.conf';

/**
 * Installs what is missing, as root on Debian or Ubuntu. Elsewhere says what to install. Never stops the start: without
 * these packages everything but recording works.
 */
export async function installDebianPackages(purpose) {
  if (process.platform !== 'linux') return 'none needed to open captures; recording needs Linux';
  const wanted = purpose === 'test' ? [...FOR_RECORDING, ...FOR_TESTS] : FOR_RECORDING;
  if (!existsSync('/usr/bin/dpkg-query')) {
    throw new StepError(
      `this is no Debian, so install these to record: ${wanted.map(firstOf).join(' ')}; all else works without.`,
      { soft: true },
    );
  }
  const missing = await findMissing(wanted);
  if (missing.length === 0) return 'all there';
  const names = missing.map(firstOf);
  if (process.getuid() !== 0) {
    throw new StepError(
      `recording needs some more; all else works without. Install them with: sudo apt-get install -y ${names.join(' ')}`,
      { soft: true },
    );
  }
  console.log(`  Debian packages: installing ${names.join(' ')}`);
  const failed = await withServicesKept(() => install(missing));
  if (failed.length > 0) {
    throw new StepError(
      `apt could not install ${failed.join(' ')}; recording may not work, all else does. Try: apt-get update && apt-get install -y ${failed.join(' ')}`,
      { soft: true },
    );
  }
  return `installed ${names.join(' ')}`;
}

const choices = (entry) => (Array.isArray(entry) ? entry : [entry]);
const firstOf = (entry) => choices(entry)[0];

async function findMissing(wanted) {
  const { output } = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n'], { capture: true });
  const installed = new Set(
    output
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return wanted.filter((entry) => !choices(entry).some((name) => installed.has(name)));
}

/** Installs all at once; when that fails, one by one, so that one missing name spoils nothing else. Returns what failed. */
async function install(missing) {
  await apt('update');
  if ((await apt('install', ...missing.map(firstOf))) === 0) return [];
  const failed = [];
  for (const entry of missing) {
    let done = false;
    for (const name of choices(entry)) done ||= (await apt('install', name)) === 0;
    if (!done) failed.push(firstOf(entry));
  }
  return failed;
}

async function apt(command, ...packages) {
  const { status } = await run(
    'apt-get',
    ['-q', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', command, ...packages],
    {
      capture: true,
      env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    },
  );
  return status;
}

/**
 * Debian starts the services of what it installs. We only want the programs, so starting is forbidden while apt runs
 * (invoke-rc.d asks policy-rc.d; 101 = no) and PostgreSQL makes no cluster. Both settings are put back.
 */
async function withServicesKept(work) {
  const undo = [
    replaceFile(POLICY, '#!/bin/sh\nexit 101\n', 0o755),
    existsSync(CLUSTER_SETTINGS)
      ? () => undefined
      : replaceFile(CLUSTER_SETTINGS, 'create_main_cluster = false\n', 0o644),
  ];
  try {
    return await work();
  } finally {
    for (const back of undo) back();
  }
}

function replaceFile(path, content, mode) {
  const saved = `${path}.causeway-saved`;
  const existed = existsSync(path);
  if (existed && !existsSync(saved)) renameSync(path, saved);
  mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
  return () => {
    if (existsSync(saved)) renameSync(saved, path);
    else if (existsSync(path) && readFileSync(path, 'utf8') === content) rmSync(path);
  };
}
