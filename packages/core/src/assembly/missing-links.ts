import type { HostId, Nanoseconds, SpanId } from '../base/brand';
import type { IncompleteReason, Span } from '../span/span';
import type { AssembledTrace } from './assembled-trace';

/** Events of one host that the recorder had to drop, as a loss report counts them. */
export interface LossInterval {
  readonly hostId: HostId;
  readonly from: Nanoseconds;
  readonly to: Nanoseconds;
  readonly events: number;
}

/** Something known of a span, or of its time, that may be why a link is missing. */
export type MissingSign =
  /** A half of the span itself is missing: with it went what the rules compare. */
  | { readonly kind: 'half-missing'; readonly reason: IncompleteReason | 'unknown' }
  /** Its headers, and with them ids, may lie in what was not captured. */
  | { readonly kind: 'truncated' }
  /** The connection is older than the capture, so how it began was not seen. */
  | { readonly kind: 'preexisting-socket' }
  /** It has no sequence number by which its other end would be known. */
  | { readonly kind: 'no-sequence' }
  /** The thread had no open systrace id: whatever it handled was not seen. */
  | { readonly kind: 'no-systrace-id' }
  /** Events were dropped on its host while it was at work. */
  | { readonly kind: 'events-dropped'; readonly events: number }
  /** The search stopped with keys left to ask. */
  | { readonly kind: 'search-stopped' };

export interface MissingEdge {
  readonly span: SpanId;
  /** `parent`: it is the root of the tree; else the half that it lacks. */
  readonly what: 'parent' | 'request' | 'response';
  readonly signs: readonly MissingSign[];
  /**
   * Whether something that was lost, or never captured, could be the reason. False for a root means that its caller was
   * not recorded at all, or that there is none; for a half, that it had not come when the recording, or the connection,
   * ended.
   */
  readonly lossPossible: boolean;
}

/** Of a half that did not come, as far as was seen: no loss. */
const NO_LOSS: ReadonlySet<string> = new Set<IncompleteReason>(['still-open', 'connection-closed']);

/**
 * What a trace lacks, and whether loss could explain it: the parent of its root, and the other half of each span that
 * has one only. Spans in the order of the trace. `losses` come from the capture's loss reports, when they are known.
 */
export function explainMissing(
  trace: Pick<AssembledTrace, 'root' | 'roundsExhausted' | 'spans'>,
  losses: readonly LossInterval[] = [],
): readonly MissingEdge[] {
  const missing: MissingEdge[] = [];
  for (const span of trace.spans) {
    const always = [...socketSigns(span), ...dropSigns(span, losses)];
    if (span.id === trace.root) {
      const signs = [...halfSigns(span), ...keySigns(span), ...always];
      if (trace.roundsExhausted) signs.push({ kind: 'search-stopped' });
      missing.push({ span: span.id, what: 'parent', signs, lossPossible: signs.some(isLoss) });
    }
    if (span.messageType === 'session' || span.oneway) continue;
    const signs = [...halfSigns(span), ...always];
    const what = span.messageType === 'request' ? 'response' : 'request';
    missing.push({ span: span.id, what, signs, lossPossible: signs.some(isLoss) });
  }
  return missing;
}

function halfSigns(span: Span): MissingSign[] {
  if (span.messageType === 'session' || span.oneway) return [];
  return [{ kind: 'half-missing', reason: span.incomplete ?? 'unknown' }];
}

/** What the rules would need of a root. */
function keySigns(span: Span): MissingSign[] {
  const signs: MissingSign[] = [];
  if (span.type !== 'app' && span.truncated) signs.push({ kind: 'truncated' });
  if (span.type !== 'sys') return signs;
  if (span.tapSide === 's-p' && span.socket.transport !== 'udp' && span.tcpSeqRequest === undefined)
    signs.push({ kind: 'no-sequence' });
  if (span.tapSide === 'c-p' && span.systraceIdRequest === undefined && span.systraceIdResponse === undefined)
    signs.push({ kind: 'no-systrace-id' });
  return signs;
}

function socketSigns(span: Span): MissingSign[] {
  return span.type === 'sys' && span.socket.preexisting ? [{ kind: 'preexisting-socket' }] : [];
}

function dropSigns(span: Span, losses: readonly LossInterval[]): MissingSign[] {
  let events = 0;
  for (const loss of losses) {
    if (loss.hostId === span.hostId && loss.from <= span.end && loss.to >= span.start) events += loss.events;
  }
  return events > 0 ? [{ kind: 'events-dropped', events }] : [];
}

function isLoss(sign: MissingSign): boolean {
  return sign.kind !== 'half-missing' || !NO_LOSS.has(sign.reason);
}
