import type { Span } from '../../span/span';
import type { RuleCondition } from '../assembled-trace';
import { comparePassage, firstOnPath, lastOnPath, type NetworkSpan } from '../network-path';
import type { RuleContext } from '../parent-rule';
import { encloses } from './conditions';

/**
 * What R15, R16 and X06 share: a message ends at a program whose system calls nobody saw, and another begins there.
 *
 *   c-p ── c ── s-gw ─╮  a gateway, unseen  ╭─ c-gw ── s ── s-p
 *              last of one path             first of the next
 *
 * The last point of the one is the parent of the first point of the other. A client's system calls are no first point,
 * as their process was seen; so a server's are no last one.
 */
function mayBeginBeyond(child: Span): child is NetworkSpan {
  return child.type === 'net' || (child.type === 'sys' && child.tapSide === 's-p');
}

/** The two as such a pair; nothing when they are points of one path, or the parent's process was seen. */
export function beyondGateway(child: Span, parent: Span, context: RuleContext): readonly RuleCondition[] | undefined {
  if (!mayBeginBeyond(child) || parent.type === 'app' || parent.tapSide === 's-p') return undefined;
  if (child.id === parent.id || comparePassage(child, parent, context.options) !== undefined) return undefined;
  const inTime = encloses(child, parent, context.options);
  // The paths cost look-ups, and a crowd that shares an id is out of time for the most part.
  if (inTime.some(({ holds }) => !holds)) return inTime;
  return [...inTime, firstOnPath(child, context), lastOnPath(parent, context)];
}
