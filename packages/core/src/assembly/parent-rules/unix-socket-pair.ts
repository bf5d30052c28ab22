import type { SysSpan } from '../../span/span';
import type { RuleCondition } from '../assembled-trace';
import { comparePassage } from '../network-path';
import type { ParentRule } from '../parent-rule';

/**
 *   c-p  ──[ socket 71 ⇄ 72   byte 512 ────────── byte 2048 ]──    one end of the pair
 *   s-p  ────[ socket 72 ⇄ 71   byte 512 ────── byte 2048 ]────    the other
 *
 * The two ends of a unix socket know each other's inode, though the caller's only once it was accepted. The recorder
 * counts the bytes that pass, from a number that is the pair's own, so that equal ones mean the same byte as in TCP.
 */
export const unixSocketPair: ParentRule = {
  id: 'X01',
  name: 'unix-socket-pair',
  sentence: 'Both ends of one unix socket pair saw the same request, at the same byte of the stream.',
  children: ['server'],
  strength: 'exact',
  candidates: { kind: 'shared-key', key: 'tcp-seq', role: 'client', within: 'anywhere' },
  preference: 'smallest-deviation',
  appliesTo: (child) => child.type === 'sys' && child.socket.transport === 'unix',
  judge(child, candidate, { options }) {
    if (child.type !== 'sys' || candidate.type !== 'sys' || candidate.socket.transport !== 'unix') return undefined;
    if (child.hostId !== candidate.hostId) return undefined;
    const passage = comparePassage(child, candidate, options);
    if (passage === undefined) return undefined;
    const conditions = [...passage.conditions, ...isPeer(child, candidate)];
    return { rule: 'X01', child: child.id, parent: candidate.id, matched: passage.matched, conditions };
  },
};

/** Each names the other as its peer, as far as it names one. */
function isPeer({ socket: child }: SysSpan, { socket: parent }: SysSpan): RuleCondition[] {
  if (child.peerInode === undefined && parent.peerInode === undefined) return [];
  const holds = (child.peerInode ?? parent.inode) === parent.inode && (parent.peerInode ?? child.inode) === child.inode;
  const ends = {
    child: `${child.peerInode ?? '?'} ⇄ ${child.inode}`,
    parent: `${parent.inode} ⇄ ${parent.peerInode ?? '?'}`,
  };
  return [{ kind: 'field-equal', holds, field: 'socket', ...ends }];
}
