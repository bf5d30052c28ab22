import type { SpanId } from '../../base/brand';
import { checkIntegrity, traceFromText } from '../../testing/index';
import { assembleTrace } from '../assemble';
import type { AssembledTrace, AssemblyOptions } from '../assembled-trace';
import { DEFAULT_ASSEMBLY_OPTIONS } from '../assembly-options';
import { createSpanIndex } from '../memory-span-index';

/** What a rule said of the span `child` of a drawing: for tests of one rule at a time. */
export interface RuleVerdict {
  readonly trace: AssembledTrace;
  /** `parent via rule`, or nothing for a root. */
  readonly link: string | undefined;
  /** Near misses as `rule parent: failed conditions`. */
  readonly missed: readonly string[];
}

/** Assembles a drawing from the span named `child` and answers what became of it. Throws when the trace is not sound. */
export function judgeDrawing(drawing: string, options: Partial<AssemblyOptions> = {}): RuleVerdict {
  const spans = traceFromText(drawing);
  const child = spans.find((span) => span.id === 'child')!;
  // The clocks of a drawing are right: a difference is meant.
  const settings = { ...DEFAULT_ASSEMBLY_OPTIONS, correctClocks: false, ...options };
  const trace = assembleTrace(createSpanIndex(spans), child, settings);
  const problems = checkIntegrity(trace);
  if (problems.length > 0) throw new Error(problems.join('; '));
  const link = trace.links.get(child.id);
  const missed = (trace.nearMisses.get(child.id) ?? []).map(({ rule, parent, conditions }) => {
    const failed = conditions.filter(({ holds }) => !holds).map(({ kind }) => kind);
    return `${rule} ${parent}: ${failed.join(', ')}`;
  });
  return { trace, link: link && `${link.parent} ${link.rule}`, missed };
}

/** The matched values of the child's link as `childField=parentField:value`. */
export function matchedIn({ trace }: RuleVerdict): string[] {
  const link = trace.links.get('child' as SpanId);
  return link?.evidence.matched.map(({ child, parent, value }) => `${child}=${parent}:${value}`) ?? [];
}
