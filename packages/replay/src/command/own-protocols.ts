import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ProtocolParser, protocolModule } from '@causeway/core';
import { countOf } from '../report/time-text';
import type { LineOutput } from './output';

/** For commands that read messages. */
export interface ProtocolOptions {
  /** Modules of the user's own, each with a protocol: docs/protocol-modules.md. Asked before the built-in protocols, in this order. */
  readonly protocol?: readonly string[];
}

/** The protocols that a user brought along, and what went wrong in them. */
export class OwnProtocols {
  readonly ownParsers: ProtocolParser[] = [];
  private readonly errors = new Map<string, { count: number; readonly first: string }>();

  private constructor() {}

  /** Loads the modules. `undefined` = one of them is of no use; why is said on `errors`, which is ended. */
  static async load(paths: readonly string[] = [], errors: LineOutput): Promise<OwnProtocols | undefined> {
    const loaded = new OwnProtocols();
    for (const path of paths) {
      const found = await loadModule(path);
      const problem = 'problem' in found ? found.problem : loaded.add(found.parser);
      if (problem === undefined) continue;
      errors.line(`causeway: --protocol ${path}: ${problem}.`);
      await errors.end();
      return undefined;
    }
    return loaded;
  }

  readonly onParserError = (protocol: string, error: unknown): void => {
    const known = this.errors.get(protocol);
    if (known === undefined) this.errors.set(protocol, { count: 1, first: textOf(error) });
    else known.count += 1;
  };

  /** One line for each protocol whose parser failed. True = there was one. */
  tellErrors(errors: LineOutput): boolean {
    for (const [protocol, { count, first }] of this.errors) {
      errors.line(
        `causeway: the parser of ${protocol} failed ${countOf(count, 'time')}, and what it failed on was left out; first: ${first}`,
      );
    }
    return this.errors.size > 0;
  }

  private add(parser: ProtocolParser): string | undefined {
    if (this.ownParsers.some(({ protocol }) => protocol === parser.protocol)) {
      return `another module brings a protocol "${parser.protocol}" too: choose another name`;
    }
    this.ownParsers.push(parser);
    return undefined;
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
