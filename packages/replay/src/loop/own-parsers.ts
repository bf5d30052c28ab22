import { type ProtocolParser, protocolModule } from '@causeway/core';
import { countOf } from '../report/time-text';

/** A module of a user's own (docs/protocol-modules.md), wherever it lies. */
export interface ModuleSource {
  readonly path: string;
  /** Runs it and gives its default export, or in half a sentence why it cannot be had. What it throws is told, too. */
  load(): Promise<{ readonly exported: unknown } | { readonly problem: string }>;
}

export type LoadedParsers =
  | { readonly parsers: readonly ProtocolParser[] }
  /** The first module that is of no use, and in half a sentence why. */
  | { readonly path: string; readonly problem: string };

/** Runs the modules, with all rights of whoever calls: only what the user named may come here. */
export async function loadParsers(modules: readonly ModuleSource[]): Promise<LoadedParsers> {
  const parsers: ProtocolParser[] = [];
  for (const { path, load } of modules) {
    const found = await load().then(parserOf, (error: unknown) => ({
      problem: `it could not be loaded: ${oneLineOf(error)}`,
    }));
    if ('problem' in found) return { path, problem: found.problem };
    const { parser } = found;
    if (parsers.some(({ protocol }) => protocol === parser.protocol)) {
      return { path, problem: `another module brings a protocol "${parser.protocol}" too: choose another name` };
    }
    parsers.push(parser);
  }
  return { parsers };
}

function parserOf(loaded: Awaited<ReturnType<ModuleSource['load']>>): ReturnType<typeof protocolModule> {
  return 'problem' in loaded ? loaded : protocolModule(loaded.exported);
}

/** What went wrong in the parsers of a user's own. */
export class ParserErrors {
  private readonly known = new Map<string, { count: number; readonly first: string }>();

  readonly onParserError = (protocol: string, error: unknown): void => {
    const known = this.known.get(protocol);
    if (known === undefined) this.known.set(protocol, { count: 1, first: oneLineOf(error) });
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

/** One line. */
function oneLineOf(error: unknown): string {
  return String(error).replace(/\s+/g, ' ').replace(/\.+$/, '').slice(0, 200);
}
