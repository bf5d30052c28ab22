import type { Span, SysSpan } from '../span/span';
import { ProcessAssignment } from './assignment';
import type { Attribution } from './attribution';
import { isThreadPerRequest, processWork, servingProcesses } from './process-work';
import { verdictOf } from './verdict';

/** A call of which is said whose it was. */
export type AttributedCall = SysSpan & { readonly attribution: Attribution };

/** The spans of `attributeCalls` that it changed. */
export function attributedCalls(spans: Iterable<Span>): AttributedCall[] {
  const attributed: AttributedCall[] = [];
  for (const process of servingProcesses(spans)) {
    if (isThreadPerRequest(process)) continue;
    const work = processWork(process);
    const assignment = new ProcessAssignment(work);
    assignment.run();
    for (const call of work.calls) {
      const attribution = verdictOf(call, assignment);
      if (attribution !== undefined) for (const span of call.spans) attributed.push({ ...span, attribution });
    }
  }
  return attributed;
}

/**
 * Looks at all spans of a capture and says for which request of its process each call was made, where the thread that
 * made it does not tell: event loops, pools and pipelines shared by many requests, hand-over between threads. Answers
 * the spans in their order, those calls with their `attribution`. Pure: the same spans give the same answer, in whatever
 * order they come; attributions that they had are made anew.
 */
export function attributeCalls(spans: readonly Span[]): Span[] {
  const attributed = new Map(attributedCalls(spans).map((span) => [span.id, span]));
  return spans.map((span) => attributed.get(span.id) ?? span);
}
