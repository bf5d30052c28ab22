import type { RuleId } from '../assembled-trace';
import type { ParentRule } from '../parent-rule';
import { attributedCall } from './attributed-call';
import { serverUnderClient } from './server-under-client';
import { socketContext } from './socket-context';
import { systraceChain } from './systrace-chain';
import { systraceSameSide } from './systrace-same-side';
import { traceIdInProcess } from './trace-id-in-process';
import { xRequestIdInProcess } from './x-request-id-in-process';

/** Position is precedence: the first rule that accepts a candidate decides. */
export const PARENT_RULES: readonly ParentRule[] = [
  // Only of calls whose thread does not tell: it has weighed all that the rules below would go by.
  attributedCall,
  // Before R05, which would take what the thread happened to read last for the cause.
  socketContext,
  // The thread itself: cannot be forged by a header that is passed on unchanged.
  systraceSameSide,
  // Needs siblings that another rule accepted, above all R05.
  systraceChain,
  // Names one request, where the thread changed hands.
  xRequestIdInProcess,
  // Names the whole trace, so it says less than a request's own id.
  traceIdInProcess,
  // Of server spans, which none of the above concerns; after the rules for packets, once a packet can lie between.
  serverUnderClient,
];

/** Every rule of the table, the gaps included. */
export const PARENT_RULE_TABLE: Readonly<Record<RuleId, ParentRule | 'not-built'>> = {
  R01: 'not-built',
  R02: 'not-built',
  R03: 'not-built',
  R04: 'not-built',
  R05: systraceSameSide,
  R06: systraceChain,
  R07: xRequestIdInProcess,
  R08: traceIdInProcess,
  R09: 'not-built',
  R10: 'not-built',
  R11: serverUnderClient,
  R12: 'not-built',
  R13: 'not-built',
  R14: 'not-built',
  R15: 'not-built',
  R16: 'not-built',
  X01: 'not-built',
  X02: 'not-built',
  X03: socketContext,
  X04: attributedCall,
  X05: 'not-built',
  X06: 'not-built',
};
