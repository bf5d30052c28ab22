import type { AssembledTrace } from '../assembly/assembled-trace';
import type { SpanId } from '../base/brand';

/** A trace as an indented list of span ids with the rule of each: what a test expects, in one glance. */
export function traceToText(trace: AssembledTrace): string {
  const depths = new Map<SpanId, number>();
  return trace.spans
    .map(({ id }) => {
      const link = trace.links.get(id);
      const depth = link === undefined ? 0 : depths.get(link.parent)! + 1;
      depths.set(id, depth);
      return `${'  '.repeat(depth)}${id}${link === undefined ? '' : ` ${link.rule}`}`;
    })
    .join('\n');
}
