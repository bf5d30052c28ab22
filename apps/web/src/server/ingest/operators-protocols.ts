import type { ProtocolParser } from '@causeway/core';
import { loadProtocolModules, protocolModulesIn } from '@causeway/replay/node';
import { messageOf, PlainError } from '../plain-error';

/**
 * The protocols of CAUSEWAY_PROTOCOLS, a folder. They run with all rights of the server, so they come from its operator alone:
 * nothing that is uploaded is ever run. @throws PlainError when one of them is of no use
 */
export async function operatorsProtocols(folder: string | undefined): Promise<readonly ProtocolParser[]> {
  if (folder === undefined || folder === '') return [];
  const paths = await protocolModulesIn(folder).catch((error: unknown) => {
    throw new PlainError(`CAUSEWAY_PROTOCOLS=${folder} cannot be read: ${messageOf(error)}.`);
  });
  const loaded = await loadProtocolModules(paths);
  if ('problem' in loaded) throw new PlainError(`CAUSEWAY_PROTOCOLS: ${loaded.path}: ${loaded.problem}.`);
  return loaded.parsers;
}
