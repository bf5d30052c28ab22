import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Absolute paths of the shared libraries a program is linked with. */
function librariesOf(program: string): string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path!);
}

/**
 * The file system of a host that has Node, the libraries Node needs, and nothing else: no shell, no compiler, no libbpf.
 */
export class BareRoot {
  constructor(readonly path: string) {
    for (const folder of ['proc', 'sys', 'dev', 'tmp', 'etc', 'usr/bin']) {
      mkdirSync(join(path, folder), { recursive: true });
    }
    cpSync(realpathSync(process.execPath), join(path, 'usr/bin/node'));
    this.addLibraries(process.execPath);
  }

  /** Copies what `program` is linked with. */
  addLibraries(program: string): void {
    for (const library of librariesOf(program)) {
      mkdirSync(join(this.path, dirname(library)), { recursive: true });
      cpSync(realpathSync(library), join(this.path, library));
    }
  }

  /** The command that runs `args` under Node in there; its mounts end with it. */
  command(...args: string[]): readonly [string, ...string[]] {
    const mounts = ['proc', 'sys', 'dev'].map((each) => `mount --rbind /${each} "$0/${each}"`).join(' && ');
    return ['unshare', '--mount', 'sh', '-c', `${mounts} && exec chroot "$0" /usr/bin/node "$@"`, this.path, ...args];
  }
}
