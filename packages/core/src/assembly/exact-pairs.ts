import type { Span } from '../span/span';
import { type ClockPair, clockPair, estimateHostClocks, type HostClocks } from './host-clocks';
import type { MemorySpanIndex, SpanRole } from './span-index';

/** Holders of one sequence number that are looked at: more would be no name any more. */
const MAX_HOLDERS = 16;

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
    if (!hasBothSequences(child)) continue;
    if (child.type === 'net') yield* pairsWith(child, index, 'client');
    else if (child.tapSide === 's-p') {
      yield* pairsWith(child, index, 'client');
      yield* pairsWith(child, index, 'net');
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

function* pairsWith(child: Whole, index: MemorySpanIndex, role: SpanRole): Generator<ClockPair> {
  const found = index.candidates(child, { key: 'tcp-seq', role, within: 'anywhere' }, MAX_HOLDERS);
  if (found.length === MAX_HOLDERS) return;
  const parents = found.map((position) => index.at(position)).filter((parent) => isSameExchange(child, parent));
  // Two callers with one exchange: a capture that is there twice, say. Packets may well be seen at several points.
  if (role === 'client' && parents.length > 1) return;
  for (const parent of parents) {
    const pair = clockPair(child, parent);
    if (pair !== undefined) yield pair;
  }
}

function isSameExchange(child: Whole, parent: Span): boolean {
  return (
    hasBothSequences(parent) &&
    parent.tcpSeqRequest === child.tcpSeqRequest &&
    parent.tcpSeqResponse === child.tcpSeqResponse
  );
}
