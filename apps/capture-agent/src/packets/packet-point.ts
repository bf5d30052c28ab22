import { isAbsolute } from 'node:path';
import type { NetObservation } from '@causeway/core';

/** An interface to read packets from. */
export interface PacketPoint {
  /** As given: names the interface in the capture. */
  readonly name: string;
  readonly interfaceName: string;
  /** File of the network namespace; empty = the recorder's own. */
  readonly netnsPath: string;
  /** Where on the path it stands, when that is not to be told from addresses. */
  readonly observation?: NetObservation;
}

const OBSERVATIONS: readonly string[] = ['nd', 'hv', 'gw-hv', 'gw'] satisfies readonly NetObservation[];
/** Where `ip netns` keeps names. */
const NETNS_FOLDER = '/run/netns';

/**
 * `eth0`, `netns:shop/eth0` (a name that `ip netns` knows), `netns:/proc/812/ns/net/eth0`, each with `@gw` or the like behind
 * it. `undefined` = it is none of these.
 */
export function parsePacketPoint(text: string): PacketPoint | undefined {
  const [, netns, interfaceName = '', place] = /^(?:netns:(.+)\/)?([^/@\s]{1,15})(?:@([a-z-]+))?$/.exec(text) ?? [];
  if (interfaceName === '' || (place !== undefined && !OBSERVATIONS.includes(place))) return undefined;
  if (netns !== undefined && !isAbsolute(netns) && netns.includes('/')) return undefined;
  return {
    name: netns === undefined ? interfaceName : `${netns}/${interfaceName}`,
    interfaceName,
    netnsPath: netns === undefined ? '' : isAbsolute(netns) ? netns : `${NETNS_FOLDER}/${netns}`,
    ...(place !== undefined && { observation: place as NetObservation }),
  };
}
