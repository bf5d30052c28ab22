import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ProtocolParser, protocolModule } from '@causeway/core';
import { countOf } from '../report/time-text';

type Loaded =
  | { readonly parsers: readonly ProtocolParser[] }
  /** The first module that is of no use, and in half a sentence why. */
  | { readonly path: string; readonly problem: string };

/** Runs modules of a user's own (docs/protocol-modules.md), with all rights: only what the operator named may come here. */
export async function loadProtocolModules(paths: readonly string[]): Promise<Loaded> {
  const parsers: ProtocolParser[] = [];
  for (const path of paths) {
    const found = await loadModule(path);
    if ('problem' in found) return { path, problem: found.problem };
    const { parser } = found;
    if (parsers.some(({ protocol }) => protocol === parser.protocol)) {
      return { path, problem: `another module brings a protocol "${parser.protocol}" too: choose another name` };
    }
    parsers.push(parser);
  }
  return { parsers };
}

/** The modules in a folder, by name. @throws when it cannot be read */
export async function protocolModulesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => /\.m?js$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** What went wrong in the parsers of a user's own. */
export class ParserErrors {
  private readonly known = new Map<string, { count: number; readonly first: string }>();

  readonly onParserError = (protocol: string, error: unknown): void => {
    const known = this.known.get(protocol);
    if (known === undefined) this.known.set(protocol, { count: 1, first: textOf(error) });
    else known.count += 1;
  };

  /** One for each protocol whose parser failed. */
  sentences(): string[] {
    return [...this.known].map(
      ([protocol, { count, first }]) =>
        `the parser of ${protocol} failed ${countOf(count, 'time')}, and what it failed on was left out; first: ${first}`,
    );
  }
}

async function loadModule(path: string): Promise<ReturnType<typeof protocolModule>> {
  const file = resolve(path);
  if (!(await stat(file).catch(() => undefined))?.isFile()) return { problem: 'there is no such file' };
  try {
    const { default: exported } = (await import(pathToFileURL(file).href)) as { default?: unknown };
    return protocolModule(exported);
  } catch (error) {
    return { problem: `it could not be loaded: ${textOf(error)}` };
  }
}

/** One line. */
function textOf(error: unknown): string {
  return String(error).replace(/\s+/g, ' ').replace(/\.+$/, '').slice(0, 200);
}
