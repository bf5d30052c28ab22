import type { Span } from '../../span/span';
import type { ParentRule } from '../parent-rule';
import { beyondGateway } from './beyond-gateway';
import { matchOf, sharedTraceIds } from './conditions';

/**
 *   s-gw ──[ stream 5   trace 4bf9… ················· ]──    the last that was seen before the gateway
 *   c-gw ────[ stream 5   trace 4bf9… ──────────── ]─────    the first behind it
 *
 * Some gateways forward HTTP/2 frame by frame and keep the stream's number. Numbers are small and every connection has
 * the same ones, so the two must be of one trace as well.
 */
export const gatewayStreamId: ParentRule = {
  id: 'R16',
  name: 'gateway-stream-id',
  sentence: 'A gateway that was not recorded forwarded the HTTP/2 stream under its number, in the same trace.',
  children: ['net', 'server'],
  strength: 'weak',
  candidates: { kind: 'shared-key', key: 'trace-id', role: ['client', 'net'], within: 'anywhere' },
  preference: 'closest-duration',
  appliesTo: hasStreams,
  judge(child, candidate, context) {
    if (!hasStreams(candidate)) return undefined;
    const stream = matchOf('requestId', child.requestId, 'requestId', candidate.requestId);
    const traces = sharedTraceIds(child, candidate);
    if (stream === undefined || traces.length === 0) return undefined;
    const conditions = beyondGateway(child, candidate, context);
    return (
      conditions && { rule: 'R16', child: child.id, parent: candidate.id, matched: [stream, ...traces], conditions }
    );
  },
};

function hasStreams({ protocol }: Span): boolean {
  return protocol === 'http2' || protocol === 'grpc';
}
