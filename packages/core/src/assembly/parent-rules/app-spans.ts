import type { AppSpan, Span } from '../../span/span';
import type { RuleCondition } from '../assembled-trace';
import type { RuleContext } from '../parent-rule';
import { isSameInstance, matchSpanId } from './conditions';

/**
 * No application span of the child's own instance is its parent, so that its parent must be sought outside. A span of
 * kind server came from outside by what it says itself, even where a process calls itself.
 */
export function isEntry(child: AppSpan, { sharing }: RuleContext): RuleCondition {
  const under =
    child.tapSide === 's-app'
      ? undefined
      : sharing(child, 'span-id', 'app', 'parent').find(
          (other) =>
            other.id !== child.id &&
            isSameInstance(child, other) &&
            matchSpanId(child, 'parentSpanId', other, 'spanId').length > 0,
        );
  return { kind: 'entry', holds: under === undefined, under: under?.id ?? null };
}

/**
 * Of all application spans the innermost: no child of the parent, in its own instance, was at work for the whole of the
 * call. One that came before it (a name look-up, opening the connection) does not take the call over.
 */
export function isLeaf(child: Span, parent: Span, { sharing }: RuleContext): RuleCondition {
  const below = sharing(parent, 'parent-span-id', 'app').find(
    (other) =>
      other.id !== parent.id &&
      isSameInstance(other, parent) &&
      matchSpanId(other, 'parentSpanId', parent, 'spanId').length > 0 &&
      other.start <= child.start &&
      other.end >= child.end,
  );
  return { kind: 'leaf', holds: below === undefined, below: below?.id ?? null };
}
