import type { SysSpan } from '../../span/span';
import type { EvidenceField, RuleCondition } from '../assembled-trace';
import type { ParentRule } from '../parent-rule';
import { covers, listOf, matchOf } from './conditions';

/**
 *   c-p  ──[ socket 71 ⇄ 72   byte 512 ────────── byte 2048 ]──    one end of the pair
 *   s-p  ────[ socket 72 ⇄ 71   byte 512 ────── byte 2048 ]────    the other
 *
 * The two ends of a unix socket know each other's inode, and count the bytes that passed from the connection's start,
 * which serves as a TCP sequence does. Both lie on one host, so the caller's end covers the server's.
 */
export const unixSocketPair: ParentRule = {
  id: 'X01',
  name: 'unix-socket-pair',
  sentence: 'Both ends of one unix socket pair saw the same request: each is the other’s peer, at the same byte.',
  strength: 'exact',
  candidates: { kind: 'shared-key', key: 'unix-pair', role: 'client', within: 'anywhere' },
  preference: 'smallest-deviation',
  appliesTo: (child) => child.type === 'sys' && child.tapSide === 's-p' && child.socket.peerInode !== undefined,
  judge(child, candidate) {
    if (child.type !== 'sys' || candidate.type !== 'sys' || !isPair(child, candidate)) return undefined;
    const { inode, peerInode } = child.socket;
    const request = matchOf(
      'byteOffsetRequest',
      child.byteOffsetRequest,
      'byteOffsetRequest',
      candidate.byteOffsetRequest,
    );
    const response = matchOf(
      'byteOffsetResponse',
      child.byteOffsetResponse,
      'byteOffsetResponse',
      candidate.byteOffsetResponse,
    );
    return {
      rule: 'X01',
      child: child.id,
      parent: candidate.id,
      matched: [{ child: 'socket', parent: 'socket', value: `${peerInode} ⇄ ${inode}` }, ...listOf(request, response)],
      conditions: [
        ...listOf(
          differs('byteOffsetRequest', child.byteOffsetRequest, candidate.byteOffsetRequest),
          differs('byteOffsetResponse', child.byteOffsetResponse, candidate.byteOffsetResponse),
        ),
        covers(child, candidate),
      ],
    };
  },
};

/** Each socket names the other as its peer. */
function isPair(child: SysSpan, candidate: SysSpan): boolean {
  if (child.hostId !== candidate.hostId) return false;
  return child.socket.inode === candidate.socket.peerInode && candidate.socket.inode === child.socket.peerInode;
}

function differs(
  field: EvidenceField,
  child: number | undefined,
  parent: number | undefined,
): RuleCondition | undefined {
  if (child === undefined || parent === undefined || child === parent) return undefined;
  return { kind: 'field-equal', holds: false, field, child: String(child), parent: String(parent) };
}
