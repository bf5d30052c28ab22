import type { NetSpan, Span, SysSpan } from '../span/span';
import { type AssociationKey, KEY_KINDS, type KeyKind, type LookupKind, SEARCH_KINDS } from './association-key';

/** Takes the parts of one key; a value is a number where the field is one, so that an index need not make text of it. */
export type KeyVisitor<Kind extends LookupKind = KeyKind> = (kind: Kind, scope: string, value: string | number) => void;

/** The keys of one kind that a span holds, each once. */
const VISIT: Record<KeyKind, (span: Span, visit: KeyVisitor) => void> = {
  systrace(span, visit) {
    if (span.type !== 'sys') return;
    const { hostId, systraceIdRequest: request, systraceIdResponse: response } = span;
    if (request !== undefined) visit('systrace', hostId, request);
    if (response !== undefined && response !== request) visit('systrace', hostId, response);
    const { systraceIdConnect: connect, attribution } = span;
    if (connect !== undefined && connect !== request && connect !== response) visit('systrace', hostId, connect);
    if (attribution === undefined) return;
    // The requests it may have been made for are found by the ids under which they were read.
    const held = new Set([request, response, connect]);
    for (const { systraceId } of attribution.candidates) {
      if (held.has(systraceId)) continue;
      held.add(systraceId);
      visit('systrace', hostId, systraceId);
    }
  },
  'pseudo-thread'(span, visit) {
    if (span.type !== 'sys' || span.pseudoThreadId === undefined) return;
    visit('pseudo-thread', `${span.hostId}|${span.pid}`, span.pseudoThreadId);
  },
  'x-request-id'({ xRequestIdRequest: request, xRequestIdResponse: response }, visit) {
    if (request) visit('x-request-id', '', request);
    if (response && response !== request) visit('x-request-id', '', response);
  },
  /**
   * Each direction by itself, without addresses. Gateways and NAT rewrite both endpoints but leave the sequence alone,
   * and a span that lost a half must still be found by the half it kept; so neither the connection nor the pair can be
   * part of the key. That 32 bits repeat among millions of messages is left to the rules, which compare both
   * directions and the times: a chance equality costs a look, never a link.
   */
  'tcp-seq'(span, visit) {
    if (span.type === 'app') return;
    if (span.tcpSeqRequest !== undefined) visit('tcp-seq', 'request', span.tcpSeqRequest);
    if (span.tcpSeqResponse !== undefined) visit('tcp-seq', 'response', span.tcpSeqResponse);
  },
  'trace-id'({ traceIds }, visit) {
    for (let i = 0; i < traceIds.length; i += 1) {
      const id = traceIds[i]!;
      if (id && traceIds.indexOf(id) === i) visit('trace-id', '', id);
    }
  },
  /** What a transport without sequence numbers has instead. Addresses are left to the rule: a client's is often a wildcard. */
  datagram(span, visit) {
    if (!isDatagram(span) || span.requestId === undefined) return;
    visit('datagram', `${span.protocol}|${span.src.port}`, span.requestId);
  },
  'queue-message'({ queueMessages }, visit) {
    if (queueMessages === undefined) return;
    for (const { basis, value } of queueMessages.names) visit('queue-message', '', `${basis}:${value}`);
  },
};

/** Sent over a transport that numbers no bytes: UDP. */
export function isDatagram(span: Span): span is SysSpan | NetSpan {
  if (span.type === 'app' || span.tcpSeqRequest !== undefined || span.tcpSeqResponse !== undefined) return false;
  return span.type === 'net' || span.socket.transport === 'udp';
}

/** Visits an id of a span, its own or its parent's, within each of its traces; `kind` is what it is looked for as. */
export function visitSpanId(
  kind: 'span-id' | 'parent-span-id',
  id: string | undefined,
  { traceIds }: Span,
  visit: KeyVisitor<LookupKind>,
): void {
  if (!id) return;
  for (let i = 0; i < traceIds.length; i += 1) {
    const traceId = traceIds[i]!;
    if (traceId && traceIds.indexOf(traceId) === i) visit(kind, traceId, id);
  }
}

/** Visits every key of the span, in the order of KEY_KINDS, the request's before the response's. */
export function visitKeys(span: Span, visit: KeyVisitor): void {
  for (const kind of KEY_KINDS) VISIT[kind](span, visit);
}

/** Visits the span's keys of one kind. */
export function visitKeysOfKind(span: Span, kind: KeyKind, visit: KeyVisitor): void {
  VISIT[kind](span, visit);
}

/** All keys by which the search finds a span, each once, in the order of SEARCH_KINDS. A span may hold none. */
export function associationKeys(span: Span): AssociationKey[] {
  return keysOfKinds(span, SEARCH_KINDS);
}

/** The span's keys of one kind, in text. */
export function keysOfKind(span: Span, kind: KeyKind): AssociationKey[] {
  return keysOfKinds(span, [kind]);
}

function keysOfKinds(span: Span, kinds: readonly KeyKind[]): AssociationKey[] {
  const keys: AssociationKey[] = [];
  const keep: KeyVisitor = (kind, scope, value) => keys.push(keyText(kind, scope, value));
  for (const kind of kinds) VISIT[kind](span, keep);
  return keys;
}

/** Whether the span holds one of the keys, of whatever kind. */
export function holdsKey(span: Span, keys: ReadonlySet<AssociationKey>): boolean {
  let held = false;
  visitKeys(span, (kind, scope, value) => {
    held ||= keys.has(keyText(kind, scope, value));
  });
  return held;
}

/** A key's parts as text. */
export function keyText(kind: KeyKind, scope: string, value: string | number): AssociationKey {
  return `${kind}|${scope}|${value}` as AssociationKey;
}

/** The kind of a key, which its text begins with. */
export function keyKind(key: AssociationKey): KeyKind {
  return key.slice(0, key.indexOf('|')) as KeyKind;
}

/** Takes a key's text apart again. Where a scope may contain `|` the value does not: it stands after the last. */
export function visitKeyText(key: AssociationKey, visit: KeyVisitor): void {
  const kind = keyKind(key);
  const afterKind = kind.length + 1;
  if (kind === 'x-request-id' || kind === 'trace-id' || kind === 'queue-message') {
    visit(kind, '', key.slice(afterKind + 1));
    return;
  }
  const last = key.lastIndexOf('|');
  visit(kind, key.slice(afterKind, last), Number(key.slice(last + 1)));
}
