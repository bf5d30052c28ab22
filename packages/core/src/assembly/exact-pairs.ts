import type { Span } from '../span/span';
import { type ClockPair, clockPair, estimateHostClocks, type HostClocks } from './host-clocks';
import type { MemorySpanIndex, SpanRole } from './span-index';

/** Holders of one sequence number that are looked at: more would be no name any more. */
const MAX_HOLDERS = 16;

const CLIENTS = ['client'] as const;
const CLIENTS_AND_PACKETS = ['client', 'net'] as const;
const NOBODY: readonly Span[] = [];

/**
 * The clocks of the hosts in an index, from requests that two hosts surely saw, whatever their clocks say: the sequence
 * numbers of both directions are equal, 64 bits, and no other span of that kind has them. A caller is compared with the
 * server and with packets on the way, packets with the server. Empty when all was seen on one host.
 */
export function exactHostClocks(index: MemorySpanIndex): HostClocks {
  return estimateHostClocks(hasTwoHosts(index) ? exactPairs(index) : []);
}

function* exactPairs(index: MemorySpanIndex): Generator<ClockPair> {
  for (let position = 0; position < index.size; position += 1) {
    const child = index.at(position);
    if (!hasBothSequences(child) || child.tapSide === 'c-p') continue;
    for (const role of child.type === 'net' ? CLIENTS : CLIENTS_AND_PACKETS) {
      for (const parent of parentsOf(child, index, role)) {
        const pair = clockPair(child, parent);
        if (pair !== undefined) yield pair;
      }
    }
  }
}

/** Of application spans nobody knows which bytes they stand for. */
function hasTwoHosts(index: MemorySpanIndex): boolean {
  let first: string | undefined;
  for (let position = 0; position < index.size; position += 1) {
    const { type, hostId } = index.at(position);
    if (type === 'app') continue;
    first ??= hostId;
    if (hostId !== first) return true;
  }
  return false;
}

type Whole = Exclude<Span, { readonly type: 'app' }>;

function hasBothSequences(span: Span): span is Whole {
  return (
    span.type !== 'app' &&
    span.messageType === 'session' &&
    span.tcpSeqRequest !== undefined &&
    span.tcpSeqResponse !== undefined
  );
}

function parentsOf(child: Whole, index: MemorySpanIndex, role: SpanRole): readonly Span[] {
  const found = index.candidates(child, { key: 'tcp-seq', role, within: 'anywhere' }, MAX_HOLDERS);
  if (found.length === 0 || found.length === MAX_HOLDERS) return NOBODY;
  const parents = found.map((position) => index.at(position)).filter((parent) => isSameExchange(child, parent));
  // Two callers with one exchange: a capture that is there twice, say. Packets may well be seen at several points.
  return role === 'client' && parents.length > 1 ? NOBODY : parents;
}

function isSameExchange(child: Whole, parent: Span): boolean {
  return (
    hasBothSequences(parent) &&
    parent.tcpSeqRequest === child.tcpSeqRequest &&
    parent.tcpSeqResponse === child.tcpSeqResponse
  );
}
