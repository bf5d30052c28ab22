import type { Span } from '../span/span';
import { type AssociationKey, KEY_KINDS, type KeyKind } from './association-key';

/** Takes the parts of one key; a value is a number where the field is one, so that an index need not make text of it. */
export type KeyVisitor = (kind: KeyKind, scope: string, value: string | number) => void;

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
};

/** Visits every key of the span, in the order of KEY_KINDS, the request's before the response's. */
export function visitKeys(span: Span, visit: KeyVisitor): void {
  for (const kind of KEY_KINDS) VISIT[kind](span, visit);
}

/** Visits the span's keys of one kind. */
export function visitKeysOfKind(span: Span, kind: KeyKind, visit: KeyVisitor): void {
  VISIT[kind](span, visit);
}

/** All keys by which a span can be found, each once, in the order of KEY_KINDS. A span may hold none. */
export function associationKeys(span: Span): AssociationKey[] {
  const keys: AssociationKey[] = [];
  visitKeys(span, (kind, scope, value) => keys.push(`${kind}|${scope}|${value}` as AssociationKey));
  return keys;
}

/** The kind of a key, which its text begins with. */
export function keyKind(key: AssociationKey): KeyKind {
  return key.slice(0, key.indexOf('|')) as KeyKind;
}

/** Takes a key's text apart again. Only the scopes of numeric kinds may contain `|`, so their value stands after the last. */
export function visitKeyText(key: AssociationKey, visit: KeyVisitor): void {
  const kind = keyKind(key);
  const afterKind = kind.length + 1;
  if (kind === 'x-request-id' || kind === 'trace-id') {
    visit(kind, '', key.slice(afterKind + 1));
    return;
  }
  const last = key.lastIndexOf('|');
  visit(kind, key.slice(afterKind, last), Number(key.slice(last + 1)));
}
