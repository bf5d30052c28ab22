import type { ParentRule } from '../parent-rule';
import { beyondGateway } from './beyond-gateway';
import { listOf, matchOf } from './conditions';

/**
 *   s-gw ──[ 0: a ······························ 1: b ]──    the last that was seen before the gateway
 *             │ passed on              made here  │
 *   c-gw ─────[ 0: a  (or 0: b) ────────── 1: b ]──────     the first behind it
 *
 * As R07, where the process between was not recorded. The id may travel through several gateways: the closest duration
 * is the next one.
 */
export const gatewayXRequestId: ParentRule = {
  id: 'R15',
  name: 'gateway-x-request-id',
  sentence: 'A gateway that was not recorded passed the X-Request-ID on, or made it.',
  children: ['net', 'server'],
  strength: 'weak',
  candidates: { kind: 'shared-key', key: 'x-request-id', role: ['client', 'net'], within: 'anywhere' },
  preference: 'closest-duration',
  judge(child, candidate, context) {
    const { xRequestIdRequest: own0, xRequestIdResponse: own1 } = child;
    const { xRequestIdRequest: parent0, xRequestIdResponse: parent1 } = candidate;
    const passedOn = listOf(
      matchOf('xRequestIdRequest', own0, 'xRequestIdRequest', parent0),
      matchOf('xRequestIdResponse', own1, 'xRequestIdResponse', parent1),
    );
    const madeHere = matchOf('xRequestIdRequest', own0, 'xRequestIdResponse', parent1);
    const matched = madeHere === undefined ? passedOn : [...passedOn, madeHere];
    if (matched.length === 0) return undefined;
    const conditions = beyondGateway(child, candidate, context);
    return conditions && { rule: 'R15', child: child.id, parent: candidate.id, matched, conditions };
  },
};
