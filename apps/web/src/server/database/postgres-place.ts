import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PlainError } from '../plain-error';
import { chooseAccount, type PostgresAccount } from './postgres-account';
import type { PostgresBinaries } from './postgres-binaries';

/** Where the embedded server's programs and data lie, and as whom it runs. */
export interface PostgresPlace {
  readonly programs: string;
  readonly data: string;
  readonly account: PostgresAccount;
}

/** For root in a container whose checkout is under a 0700 home and whose kernel forbids user namespaces. */
const PUBLIC_PARENT = '/var/lib/causeway';

/**
 * Beside the capture files where that works, otherwise in `<publicParent>/<hash of the data folder>`, for good once
 * data lie there.
 * @throws PlainError when no account can run the server.
 */
export function findPlace(
  binaries: PostgresBinaries,
  dataFolder: string,
  { publicParent = PUBLIC_PARENT, choose = chooseAccount } = {},
): PostgresPlace {
  const inPublic = join(publicParent, createHash('sha256').update(dataFolder).digest('hex').slice(0, 12));
  const movedBefore = existsSync(join(inPublic, 'postgres'));
  const here = movedBefore ? undefined : choose(join(binaries.folder, 'bin', 'postgres'), dataFolder);
  if (here !== undefined) return { programs: binaries.folder, data: join(dataFolder, 'postgres'), account: here };

  const programs = join(inPublic, 'programs');
  mkdirSync(inPublic, { recursive: true, mode: 0o755 });
  cpSync(binaries.folder, programs, { recursive: true, force: false, verbatimSymlinks: true });
  const account = choose(join(programs, 'bin', 'postgres'), inPublic);
  if (account === undefined) {
    throw new PlainError(
      'PostgreSQL refuses to run as root and no other account can reach it: start Causeway as a normal user, or set DATABASE_URL.',
    );
  }
  return { programs, data: join(inPublic, 'postgres'), account };
}
