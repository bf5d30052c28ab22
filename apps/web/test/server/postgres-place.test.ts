import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PostgresAccount } from '../../src/server/database/postgres-account';
import { findPlace } from '../../src/server/database/postgres-place';
import { temporaryFolder } from './harness';

const ACCOUNT: PostgresAccount = { prefix: [], spawnAs: {}, owner: undefined };
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let binaries: { folder: string };

beforeAll(async () => {
  folder = await temporaryFolder();
  binaries = { folder: join(folder.path, 'native') };
  mkdirSync(join(binaries.folder, 'bin'), { recursive: true });
  writeFileSync(join(binaries.folder, 'bin/postgres'), 'the program');
});
afterAll(() => folder.remove());

/** An account that reaches only what lies below a folder, as `nobody` does in a container. */
const reaching =
  (reachable: string) =>
  (program: string, parent: string): PostgresAccount | undefined =>
    [program, parent].every((path) => path.startsWith(reachable)) ? ACCOUNT : undefined;

describe('the place of the embedded server', () => {
  const place = (dataFolder: string, reachable: string) =>
    findPlace(binaries, dataFolder, { publicParent: join(folder.path, 'public'), choose: reaching(reachable) });

  it('is beside the capture files where an account reaches them', () => {
    const found = place(join(folder.path, 'data'), folder.path);
    expect(found).toEqual({ programs: binaries.folder, data: join(folder.path, 'data/postgres'), account: ACCOUNT });
    expect(existsSync(join(folder.path, 'public'))).toBe(false);
  });

  it('is public, programs and all, where none does, another for each data folder', () => {
    const hidden = place('/root/data', join(folder.path, 'public'));
    expect(readFileSync(join(hidden.programs, 'bin/postgres'), 'utf8')).toBe('the program');
    expect(hidden.data).toMatch(/\/public\/[0-9a-f]{12}\/postgres$/);
    expect(place('/root/other', join(folder.path, 'public')).data).not.toBe(hidden.data);
  });

  it('stays public once data lie there, though the account now reaches the data folder', () => {
    const { data } = place('/root/data', join(folder.path, 'public'));
    mkdirSync(data);
    expect(place('/root/data', '/').data).toBe(data);
  });

  it('is nowhere when no account reaches even that, and the sentence says what to do', () => {
    expect(() => place('/root/third', '/nowhere')).toThrow(/normal user, or set DATABASE_URL/);
  });
});
