import { spawnSync } from 'node:child_process';
import { chownSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** PostgreSQL refuses to run as root; this is `nobody` on Linux. */
const NOBODY = 65534;

/** How to start a program of PostgreSQL so that it accepts the account it finds itself in. */
export interface PostgresAccount {
  /** Put before the program, e.g. `unshare …`. */
  readonly prefix: readonly string[];
  readonly spawnAs: { readonly uid?: number; readonly gid?: number };
  /** Who must own the data files, as seen from outside; undefined = whoever runs this. */
  readonly owner: number | undefined;
}

const OURSELVES: PostgresAccount = { prefix: [], spawnAs: {}, owner: undefined };
const AS_NOBODY: PostgresAccount = { prefix: [], spawnAs: { uid: NOBODY, gid: NOBODY }, owner: NOBODY };
/** A user namespace in which root is called nobody: still root's rights on files, so that a 0700 home is no obstacle. */
const IN_NAMESPACE: PostgresAccount = {
  prefix: ['unshare', '-U', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`],
  spawnAs: {},
  owner: 0,
};

/**
 * The first way that works for a program and a data folder, or undefined. As root: nobody, when it may reach both; else a
 * user namespace, when the kernel allows one.
 */
export function chooseAccount(program: string, dataParent: string): PostgresAccount | undefined {
  if (process.getuid?.() !== 0) return OURSELVES;
  return [AS_NOBODY, IN_NAMESPACE].find((account) => canRun(account, program, dataParent));
}

function canRun(account: PostgresAccount, program: string, dataParent: string): boolean {
  const [command = program, ...args] = [...account.prefix, program, '--version'];
  if (spawnSync(command, args, account.spawnAs).status !== 0) return false;
  const [test = 'test', ...testArgs] = [...account.prefix, 'test', '-x', dataParent];
  return spawnSync(test, testArgs, account.spawnAs).status === 0;
}

/** Hands the data files over when they belong to another account, e.g. because the checkout moved. */
export function giveTo(account: PostgresAccount, folder: string): void {
  const { owner } = account;
  if (owner === undefined || lstatSync(folder).uid === owner) return;
  const visit = (path: string): void => {
    const entry = lstatSync(path);
    if (entry.isDirectory()) for (const name of readdirSync(path)) visit(join(path, name));
    if (!entry.isSymbolicLink()) chownSync(path, owner, owner);
  };
  visit(folder);
}
