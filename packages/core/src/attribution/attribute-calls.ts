import type { Span, SysSpan } from '../span/span';
import type { AttributionCandidate } from './attribution';
import { NOBODY, ProcessAssignment } from './assignment';
import { isThreadPerRequest, processWork, servingProcesses } from './process-work';

/** The spans, calls with their attribution where the thread alone cannot tell whose they are. */
export function attributeCalls(spans: readonly Span[]): Span[] {
  const attributed = new Map<Span, SysSpan>();
  for (const process of servingProcesses(spans)) {
    if (isThreadPerRequest(process)) continue;
    attributeProcess(process, attributed);
  }
  return attributed.size === 0 ? [...spans] : spans.map((span) => attributed.get(span) ?? span);
}

function attributeProcess(spans: readonly SysSpan[], into: Map<Span, SysSpan>): void {
  const work = processWork(spans);
  const assignment = new ProcessAssignment(work);
  assignment.run();
  for (const call of work.calls) {
    if (call.request === undefined) continue;
    const weighed = assignment.weigh(call);
    const top = Math.max(weighed[0]!.total, NOBODY);
    let sum = Math.exp(NOBODY - top);
    for (const { total } of weighed) sum += Math.exp(total - top);
    const candidates: AttributionCandidate[] = weighed.map(({ request, total }) => ({
      parent: request.span.id,
      systraceId: request.span.systraceIdRequest!,
      probability: Math.exp(total - top) / sum,
      signs: [],
    }));
    into.set(call.span, { ...call.span, attribution: { candidates } });
  }
}
