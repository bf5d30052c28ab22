import { isDatagram } from '../association/span-keys';
import { NET_TAP_SIDES, type NetSpan, type Span, type SysSpan } from '../span/span';
import type { AssemblyOptions, RuleCondition } from './assembled-trace';
import type { MatchedField, RuleContext } from './parent-rule';
import { covers, listOf, matchOf, withinTolerance } from './parent-rules/conditions';
import type { SpanRole } from './span-index';
import { compareSpans } from './span-order';

/**
 * The path of a message: the spans of one request seen at several points between two processes.
 *
 *   c-p ── c ── c-nd ── … ── s-nd ── s ── s-p
 *
 * Two of them belong together when they agree in what the network leaves alone (TCP sequence numbers; the id of a
 * datagram) and were seen at about the same time. No group is kept anywhere: each span is compared with those that
 * share its key, so that the path comes out the same from whichever span it is looked at, in a whole capture or in what
 * a search collected, at a cost that the few points of one message bound.
 */
export type NetworkSpan = SysSpan | NetSpan;

const RANKS: ReadonlyMap<string, number> = new Map(['c-p', ...NET_TAP_SIDES, 's-p'].map((side, rank) => [side, rank]));

/**
 * Order along the path from client to server: rank of the observation point; at equal points (two interfaces of one
 * node) the earlier start, as requests pass the points in this order. 0 only for one and the same span.
 */
export function comparePath(a: Span, b: Span): number {
  return (RANKS.get(a.tapSide) ?? 0) - (RANKS.get(b.tapSide) ?? 0) || compareSpans(a, b);
}

/** What two sightings of a message have in common, and whether they are one. */
export interface Passage {
  readonly matched: readonly MatchedField[];
  readonly conditions: readonly RuleCondition[];
}

/** Compares two sightings, the child behind the parent on the path. Nothing when they have no value in common. */
export function comparePassage(child: NetworkSpan, parent: NetworkSpan, options: AssemblyOptions): Passage | undefined {
  if (isOneSocket(child, parent)) return undefined;
  return isDatagram(child) ? compareDatagrams(child, parent, options) : compareSequences(child, parent, options);
}

/** A socket is never both ends, whatever numbers it bears. */
function isOneSocket(a: NetworkSpan, b: NetworkSpan): boolean {
  return a.type === 'sys' && b.type === 'sys' && a.hostId === b.hostId && a.socket.id === b.socket.id;
}

/** Each direction with its time and sequence, and the kind of half span that lacks it. */
const SIDES = {
  request: { lacking: 'response', edge: 'start', field: 'tcpSeqRequest' },
  response: { lacking: 'request', edge: 'end', field: 'tcpSeqResponse' },
} as const;

function compareSequences(child: NetworkSpan, parent: NetworkSpan, options: AssemblyOptions): Passage | undefined {
  const request = compareSide('request', child, parent, options);
  const response = compareSide('response', child, parent, options);
  const matched = listOf(request?.match, response?.match);
  if (matched.length === 0) return undefined;
  return {
    matched,
    conditions: [...listOf(request?.differs, response?.differs), ...timesOf(child, parent, request, response)],
  };
}

/**
 * Equal in both directions, and the client was waiting all the while: then it does not matter how late the server came
 * to read (a queue of connections, a busy thread), or the client to read the answer. Otherwise the times must be near.
 */
function timesOf(
  child: NetworkSpan,
  parent: NetworkSpan,
  request: ComparedSide | undefined,
  response: ComparedSide | undefined,
): RuleCondition[] {
  const near = request?.time.holds !== false && response?.time.holds !== false;
  const both = request?.match !== undefined && response?.match !== undefined;
  if (near || !both || child.hostId !== parent.hostId) return listOf(request?.time, response?.time);
  const within = covers(child, parent);
  return within.holds ? [within] : listOf(request.time, response.time);
}

interface ComparedSide {
  readonly match: MatchedField | undefined;
  /** Both sequences are known, and not the same. */
  readonly differs: RuleCondition | undefined;
  readonly time: RuleCondition;
}

/** Compares one direction, if both spans have it. */
function compareSide(
  side: 'request' | 'response',
  child: NetworkSpan,
  parent: NetworkSpan,
  options: AssemblyOptions,
): ComparedSide | undefined {
  const { lacking, edge, field } = SIDES[side];
  if (child.messageType === lacking || parent.messageType === lacking) return undefined;
  const [own, other] = [child[field], parent[field]];
  return {
    match: matchOf(field, own, field, other),
    differs:
      own === undefined || other === undefined || own === other
        ? undefined
        : { kind: 'field-equal', holds: false, field, child: String(own), parent: String(other) },
    time: withinTolerance(edge, child, parent, options),
  };
}

/** A socket that was never bound to an address of its own shows this one. */
const WILDCARDS = new Set(['', '0.0.0.0', '::']);

function compareDatagrams(child: NetworkSpan, parent: NetworkSpan, options: AssemblyOptions): Passage | undefined {
  if (!isDatagram(parent) || child.protocol !== parent.protocol) return undefined;
  const id = matchOf('requestId', child.requestId, 'requestId', parent.requestId);
  if (id === undefined || child.src.port !== parent.src.port) return undefined;
  const conditions: RuleCondition[] = [compareEnds('src', child, parent), compareEnds('dst', child, parent)];
  if (child.resource !== undefined && parent.resource !== undefined) {
    const holds = child.resource === parent.resource;
    conditions.push({ kind: 'field-equal', holds, field: 'resource', child: child.resource, parent: parent.resource });
  }
  if (child.messageType !== 'response' && parent.messageType !== 'response')
    conditions.push(withinTolerance('start', child, parent, options));
  if (child.messageType !== 'request' && parent.messageType !== 'request')
    conditions.push(withinTolerance('end', child, parent, options));
  return { matched: [id], conditions };
}

function compareEnds(field: 'src' | 'dst', child: NetworkSpan, parent: NetworkSpan): RuleCondition {
  const [own, other] = [child[field], parent[field]];
  const sameAddress = own.address === other.address || WILDCARDS.has(own.address) || WILDCARDS.has(other.address);
  return {
    kind: 'field-equal',
    holds: own.port === other.port && sameAddress,
    field,
    child: `${own.address} ${own.port}`,
    parent: `${other.address} ${other.port}`,
  };
}

/** Both are sightings of one message. */
export function isOnePassage(child: NetworkSpan, parent: NetworkSpan, options: AssemblyOptions): boolean {
  return comparePassage(child, parent, options)?.conditions.every(({ holds }) => holds) ?? false;
}

/** A packet span of this very message behind the parent and before the child: the child hangs there, not here. */
export function noNetSpanBetween(child: NetworkSpan, parent: NetworkSpan, context: RuleContext): RuleCondition {
  const between = sightings(child, 'net', context).find(
    (net) =>
      comparePath(parent, net) < 0 &&
      comparePath(net, child) < 0 &&
      isOnePassage(child, net, context.options) &&
      isOnePassage(net, parent, context.options),
  );
  return { kind: 'no-net-span-between', holds: between === undefined, between: between?.id ?? null };
}

/** Nothing on the child's path was seen before it. */
export function firstOnPath(child: NetworkSpan, context: RuleContext): RuleCondition {
  const before = [...sightings(child, 'net', context), ...sightings(child, 'client', context)].find(
    (other) => comparePath(other, child) < 0 && isOnePassage(child, other, context.options),
  );
  return { kind: 'first-on-path', holds: before === undefined, before: before?.id ?? null };
}

/** Nothing on the parent's path was seen behind it. */
export function lastOnPath(parent: NetworkSpan, context: RuleContext): RuleCondition {
  const behind = [...sightings(parent, 'net', context), ...sightings(parent, 'server', context)].find(
    (other) => comparePath(parent, other) < 0 && isOnePassage(other, parent, context.options),
  );
  return { kind: 'last-on-path', holds: behind === undefined, behind: behind?.id ?? null };
}

/** Spans in a role that may be of the same message: they share its key. */
function sightings(span: NetworkSpan, role: SpanRole, { sharing }: RuleContext): NetworkSpan[] {
  return sharing(span, isDatagram(span) ? 'datagram' : 'tcp-seq', role).filter(
    (other): other is NetworkSpan => other.type !== 'app' && other.id !== span.id,
  );
}
