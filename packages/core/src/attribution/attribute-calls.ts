import type { Span } from '../span/span';
import { ProcessAssignment } from './assignment';
import { isThreadPerRequest, processWork, servingProcesses } from './process-work';
import { verdictOf } from './verdict';

/**
 * Looks at all spans of a capture and says for which request of its process each call was made, where the thread that
 * made it does not tell: event loops, pools and pipelines shared by many requests, hand-over between threads. Answers
 * the spans in their order, those calls with their `attribution`. Pure: the same spans give the same answer, in whatever
 * order they come; attributions that they had are made anew.
 */
export function attributeCalls(spans: readonly Span[]): Span[] {
  const attributed = new Map<Span, Span>();
  for (const process of servingProcesses(spans)) {
    if (isThreadPerRequest(process)) continue;
    const work = processWork(process);
    const assignment = new ProcessAssignment(work);
    assignment.run();
    for (const call of work.calls) {
      const attribution = verdictOf(call, assignment);
      if (attribution !== undefined) attributed.set(call.span, { ...call.span, attribution });
    }
  }
  return spans.map((span) => attributed.get(span) ?? span);
}
