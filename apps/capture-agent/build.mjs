// Builds the recorder (kernel programs and native addon, when this host has the tools) and bundles the command.
// Nothing is compiled again when no input has changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';

const HERE = dirname(fileURLToPath(import.meta.url));
const BPF = join(HERE, '..', '..', 'bpf');
const NATIVE = join(HERE, 'native');
const RELEASE = join(HERE, 'build', 'Release');
/** Of the kernel programs, and of those for kernels before 6.2: bpf/kernel_read.bpf.h. */
const OBJECT = join(RELEASE, 'capture.bpf.o');
const OBJECT_WITHOUT_CASTS = join(RELEASE, 'capture-without-casts.bpf.o');
const ADDON = join(RELEASE, 'causeway.node');
const STAMP = join(RELEASE, 'inputs.sha256');
const APT_LINE = 'apt-get install -y clang libbpf-dev libelf-dev zlib1g-dev g++ make';
const CLANGS = ['clang', ...[21, 20, 19, 18, 17, 16, 15, 14].map((version) => `clang-${version}`)];
const COMPILERS = ['c++', 'g++', 'clang++'];

const run = (command, args) => spawnSync(command, args, { encoding: 'utf8' });
const firstOf = (commands) => commands.find((command) => run(command, ['--version']).status === 0);

/** Throws with what the compiler said. */
function compile(command, args) {
  const { status, stderr, error } = run(command, args);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${error?.message ?? stderr}`);
}

function hasHeaders(compiler) {
  return ['bpf/libbpf.h', 'bpf/bpf_helpers.h'].every(
    (header) =>
      run(compiler, ['-E', '-x', 'c++', '-include', header, '/dev/null']).status === 0 ||
      existsSync(`/usr/include/${header}`),
  );
}

/** Why the recorder cannot be built here, or nothing. */
function missing(clang, compiler) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'it runs on Linux on x86-64 only';
  if (clang === undefined) return 'clang is not installed';
  if (compiler === undefined) return 'no C++ compiler is installed';
  if (!hasHeaders(compiler)) return 'the headers of libbpf are not installed';
  return undefined;
}

function inputs(tools) {
  const hash = createHash('sha256').update(tools.join('\n'));
  for (const folder of [BPF, NATIVE]) {
    for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)));
  }
  return hash.update(readFileSync(fileURLToPath(import.meta.url))).digest('hex');
}

function includeFolders() {
  const require = createRequire(import.meta.url);
  const folderOf = (name) => dirname(require.resolve(`${name}/package.json`));
  return [folderOf('node-addon-api'), join(folderOf('node-api-headers'), 'include')];
}

function buildRecorder() {
  const [clang, compiler] = [firstOf(CLANGS), firstOf(COMPILERS)];
  const lack = missing(clang, compiler);
  if (lack !== undefined) {
    const remedy = process.platform === 'linux' && process.arch === 'x64' ? `To record, run: ${APT_LINE}` : '';
    console.log(`The recorder is not built: ${lack}. Everything but recording works. ${remedy}`.trimEnd());
    rmSync(RELEASE, { recursive: true, force: true });
    return;
  }
  const stamp = inputs([clang, compiler, process.versions.modules]);
  if (existsSync(ADDON) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) return;
  mkdirSync(RELEASE, { recursive: true });
  rmSync(STAMP, { force: true });
  // Running recorders have the old file mapped: it must go, not be overwritten.
  rmSync(ADDON, { force: true });
  for (const [object, flags] of [
    [OBJECT, []],
    [OBJECT_WITHOUT_CASTS, ['-DWITHOUT_CASTS']],
  ]) {
    compile(clang, [
      '-g',
      '-O2',
      '-Wall',
      '-Werror',
      '-target',
      'bpf',
      '-mcpu=v3',
      '-D__TARGET_ARCH_x86',
      ...flags,
      '-c',
      join(BPF, 'capture.bpf.c'),
      '-o',
      object,
    ]);
  }
  compile(compiler, [
    '-std=c++17',
    '-O2',
    '-fPIC',
    '-shared',
    '-fvisibility=hidden',
    '-Wall',
    '-Wextra',
    '-pthread',
    '-DNAPI_VERSION=8',
    '-DNODE_ADDON_API_CPP_EXCEPTIONS',
    `-DCAPTURE_OBJECT="${OBJECT}"`,
    `-DCAPTURE_OBJECT_WITHOUT_CASTS="${OBJECT_WITHOUT_CASTS}"`,
    ...includeFolders().flatMap((folder) => ['-isystem', folder]),
    ...readdirSync(NATIVE)
      .filter((name) => /\.(cc|S)$/.test(name))
      .map((name) => join(NATIVE, name)),
    '-o',
    ADDON,
    '-lbpf',
  ]);
  writeFileSync(STAMP, stamp);
  console.log('Built the recorder.');
}

buildRecorder();
rmSync(join(HERE, 'dist'), { recursive: true, force: true });
const { metafile } = await bundle({
  metafile: true,
  absWorkingDir: HERE,
  entryPoints: { causeway: 'src/main.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  // Optional accelerators of ws and msgpackr, found at run time or not.
  external: ['bufferutil', 'utf-8-validate', 'msgpackr-extract'],
  // CommonJS packages inside an ES module ask for `require`.
  banner: {
    js: "import { createRequire as createRequire__ } from 'node:module'; const require = createRequire__(import.meta.url);",
  },
  logLevel: 'warning',
});
// Whose code is in the bundle: package.mjs collects the licences.
writeFileSync(join(HERE, 'dist', 'inputs.json'), JSON.stringify(Object.keys(metafile.inputs)));
