// Makes the package that is copied to other hosts: everything bundled, nothing to compile, no dependencies.
// node package.mjs [folder]: writes causeway-capture-agent-VERSION.tgz there (default: .causeway/) and prints its path.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, '..', '..');
const ADDON = join('build', 'Release', 'causeway.node');
/** Compiled into the addon, so no input of the bundle. */
const IN_ADDON = ['node-addon-api'];

const manifest = JSON.parse(readFileSync(join(HERE, 'package.json'), 'utf8'));
const { name, version, license, type, bin } = manifest;

function mustRun(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${error?.message ?? stderr}`);
  return stdout;
}

/** The npm packages whose code is shipped, by the bundler's list of inputs. */
function bundledPackages() {
  const inputs = JSON.parse(readFileSync(join(HERE, 'dist', 'inputs.json'), 'utf8'));
  const names = inputs.flatMap((input) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []);
  return [...new Set([...names, ...IN_ADDON])].filter((each) => !each.startsWith('@causeway/')).sort();
}

function licenceOf(each) {
  const folder = join(ROOT, 'node_modules', each);
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${each} is shipped, but its licence is not to be found`);
  const { version: shipped, license: terms } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return `${each} ${shipped} (${terms})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
}

function stage(folder) {
  for (const each of ['README.md', 'bin', 'deploy']) cpSync(join(HERE, each), join(folder, each), { recursive: true });
  mkdirSync(join(folder, dirname(ADDON)), { recursive: true });
  cpSync(join(HERE, ADDON), join(folder, ADDON));
  mkdirSync(join(folder, 'dist'));
  for (const each of readdirSync(join(HERE, 'dist')).filter((entry) => entry.endsWith('.mjs'))) {
    cpSync(join(HERE, 'dist', each), join(folder, 'dist', each));
  }
  cpSync(join(ROOT, 'docs', 'recording.md'), join(folder, 'recording.md'));
  cpSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  cpSync(join(ROOT, 'bpf', 'LICENSE'), join(folder, 'LICENSE.bpf'));
  const line = `\n${'-'.repeat(80)}\n\n`;
  writeFileSync(join(folder, 'LICENSES.third-party'), bundledPackages().map(licenceOf).join(line));
  const shipped = {
    name,
    version,
    description: 'Causeway: record kernel events with eBPF, replay them into traces.',
    license,
    type,
    bin,
    engines: { node: '>=20.19' },
    os: ['linux'],
    cpu: ['x64'],
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(shipped, null, 2)}\n`);
}

mustRun('node', [join(HERE, 'build.mjs')], HERE);
if (!existsSync(join(HERE, ADDON))) {
  console.error('The recorder is not built here, and a package without it could not record: run `npm run build`.');
  process.exit(1);
}
const output = resolve(process.argv[2] ?? join(ROOT, '.causeway'));
mkdirSync(output, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'causeway-package-'));
try {
  stage(folder);
  const packed = mustRun('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', output], folder);
  console.log(join(output, packed.trim()));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
