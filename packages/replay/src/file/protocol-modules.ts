import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type LoadedParsers, loadParsers, type ModuleSource } from '../loop/own-parsers';

/** Runs modules of a user's own (docs/protocol-modules.md), with all rights: only what the operator named may come here. */
export function loadProtocolModules(paths: readonly string[]): Promise<LoadedParsers> {
  return loadParsers(paths.map((path) => ({ path, load: () => importModule(path) })));
}

/** The modules in a folder, by name. @throws when it cannot be read */
export async function protocolModulesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => /\.m?js$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

async function importModule(path: string): ReturnType<ModuleSource['load']> {
  const file = resolve(path);
  if (!(await stat(file).catch(() => undefined))?.isFile()) return { problem: 'there is no such file' };
  const { default: exported } = (await import(pathToFileURL(file).href)) as { default?: unknown };
  return { exported };
}
