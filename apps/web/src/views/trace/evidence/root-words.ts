import type { Coverage, Span } from '@causeway/core';
import { formatPlural } from '../../format/quantity';
import { lossesThatHideParents } from '../../traces/coverage-words';
import type { SpanNode, TraceModel } from '../trace-model';

/** Why a span has no parent: the plain finding, then what could explain it, likeliest first. */
export interface RootExplanation {
  readonly finding: string;
  readonly reasons: readonly string[];
  /** Things that leave the finding in doubt: an unfinished search, losses. */
  readonly doubts: readonly string[];
}

export function explainRoot(root: SpanNode, model: TraceModel, coverage: Coverage | undefined): RootExplanation {
  const doubts: string[] = [];
  if (model.view.roundsExhausted) {
    const rounds = formatPlural(model.view.rounds.length, 'round');
    doubts.push(
      `The search stopped after ${rounds} with keys left to ask, so a parent may lie beyond what was looked at.`,
    );
  }
  const losses = lossesThatHideParents(coverage);
  if (losses !== undefined) doubts.push(losses);
  return { finding: findingOf(root, model), reasons: reasonsOf(root.span), doubts };
}

function findingOf(root: SpanNode, model: TraceModel): string {
  if (root.nearMisses.length > 0) {
    return root.nearMisses.length === 1
      ? 'One candidate shared a key with this span and failed on a condition; it stands below.'
      : `${root.nearMisses.length} candidates shared a key with this span, and each failed on a condition; they stand below.`;
  }
  const others = model.view.rounds.some((round) => round.added.some((added) => added.span !== root.id));
  return others
    ? 'Spans that share a key with this one were found, and all of them hang below it; none could be its parent.'
    : 'No span shares a key with it.';
}

function reasonsOf(span: Span): string[] {
  const reasons: string[] = [];
  if (span.type === 'sys' && span.tapSide === 's-p') {
    reasons.push(
      `The request came from ${span.src.address}:${span.src.port}. The program there was not recorded: it runs on another host, or the capture’s filter left it out.`,
    );
  }
  if (span.type === 'sys' && span.tapSide === 'c-p') {
    reasons.push(
      `${span.comm} made this call without a request being seen that it was serving on the same thread: it began by itself (a client, a timer, a start-up), or handed the work from one thread to another.`,
    );
  }
  return reasons;
}
