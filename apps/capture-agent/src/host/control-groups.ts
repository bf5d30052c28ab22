import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { ControlGroup } from '../native/native-addon';

/** A control group of version 2, by its folder. */
export interface ControlGroupFolder extends ControlGroup {
  /** Below the root of the hierarchy, beginning with a slash. */
  readonly path: string;
  readonly folder: string;
}

/** Container ids are 64 hex digits; tools show the first twelve. */
const CONTAINER_ID = /^[0-9a-f]{12,64}$/;

/** Where the hierarchy of version 2 is mounted: by itself, or beside those of version 1. */
function hierarchyRoot(): string | undefined {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  return mounts.map((line) => line.split(' ')).find(([, , type]) => type === 'cgroup2')?.[1];
}

function entryOf(root: string, folder: string): ControlGroupFolder {
  const path = relative(root, folder);
  const level = path === '' ? 0 : path.split('/').length;
  return { path: `/${path}`, folder, level, id: statSync(folder, { bigint: true }).ino };
}

/**
 * A control group by its path (`/system.slice/nginx.service`, or the whole path of its folder), or by a container's id or
 * the first twelve digits of it. Throws an `Error` whose message says what is wrong.
 */
export function findControlGroup(text: string): ControlGroupFolder {
  const root = hierarchyRoot();
  if (root === undefined) throw new Error('This host has no control groups of version 2 (cgroup2 is not mounted).');
  if (!CONTAINER_ID.test(text)) {
    const folder = resolve(text.startsWith(`${root}/`) ? text : join(root, text));
    const inside = folder === root || folder.startsWith(`${root}/`);
    if (!inside || !existsSync(join(folder, 'cgroup.procs')))
      throw new Error(`There is no control group ${text} in ${root}.`);
    return entryOf(root, folder);
  }
  const found = foldersBelow(root).filter((folder) => folder.slice(folder.lastIndexOf('/')).includes(text));
  // A container's group may have groups of the same name below it, e.g. those of its pieces.
  const outermost = found.filter((folder) => !found.some((other) => folder.startsWith(`${other}/`)));
  if (outermost.length > 1)
    throw new Error(`${text} names ${outermost.length} containers: give more digits of the id.`);
  if (outermost.length === 0) throw new Error(`There is no control group of a container ${text} in ${root}.`);
  return entryOf(root, outermost[0]!);
}

function foldersBelow(folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    // It has gone meanwhile.
    return [];
  }
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  return folders.flatMap((each) => [each, ...foldersBelow(each)]);
}

/** The processes that run in it now, those of the groups below it included. */
export function processesIn({ folder }: ControlGroupFolder): number[] {
  return [folder, ...foldersBelow(folder)].flatMap((each) => {
    try {
      return readFileSync(join(each, 'cgroup.procs'), 'utf8').trim().split('\n').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  });
}
