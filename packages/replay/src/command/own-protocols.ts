import type { ProtocolParser } from '@causeway/core';
import { loadProtocolModules } from '../file/protocol-modules';
import { ParserErrors } from '../loop/own-parsers';
import type { LineOutput } from './output';

/** For commands that read messages. */
export interface ProtocolOptions {
  /** Modules of the user's own, each with a protocol: docs/protocol-modules.md. Asked before the built-in protocols, in this order. */
  readonly protocol?: readonly string[];
}

/** The protocols that a user brought along, and what went wrong in them. */
export class OwnProtocols {
  private readonly parserErrors = new ParserErrors();
  readonly onParserError = this.parserErrors.onParserError;

  private constructor(readonly ownParsers: readonly ProtocolParser[]) {}

  /** Loads the modules. `undefined` = one of them is of no use; why is said on `errors`, which is ended. */
  static async load(paths: readonly string[] = [], errors: LineOutput): Promise<OwnProtocols | undefined> {
    const loaded = await loadProtocolModules(paths);
    if ('parsers' in loaded) return new OwnProtocols(loaded.parsers);
    errors.line(`causeway: --protocol ${loaded.path}: ${loaded.problem}.`);
    await errors.end();
    return undefined;
  }

  /** One line for each protocol whose parser failed. True = there was one. */
  tellErrors(errors: LineOutput): boolean {
    const sentences = this.parserErrors.sentences();
    for (const sentence of sentences) errors.line(`causeway: ${sentence}`);
    return sentences.length > 0;
  }
}
