import type { RuleId } from '../assembled-trace';
import type { ParentRule, RuleDescription } from '../parent-rule';
import { messageQueueLink } from '../span-links/message-queue-link';
import { appParentSpan } from './app-parent-span';
import { appUnderNetwork } from './app-under-network';
import { appUnderServerBySpan } from './app-under-server-by-span';
import { appUnderServerBySystrace } from './app-under-server-by-systrace';
import { attributedCall } from './attributed-call';
import { clientUnderApp } from './client-under-app';
import { datagramPair } from './datagram-pair';
import { gatewayStreamId } from './gateway-stream-id';
import { gatewayXRequestId } from './gateway-x-request-id';
import { networkHop } from './network-hop';
import { networkUnderApp } from './network-under-app';
import { processUnderRemoteApp } from './process-under-remote-app';
import { serverUnderClient } from './server-under-client';
import { serverUnderNetwork } from './server-under-network';
import { socketContext } from './socket-context';
import { systraceChain } from './systrace-chain';
import { systraceSameSide } from './systrace-same-side';
import { traceIdInProcess } from './trace-id-in-process';
import { unixSocketPair } from './unix-socket-pair';
import { weakTraceId } from './weak-trace-id';
import { xRequestIdInProcess } from './x-request-id-in-process';

/** Position is precedence: the first rule that accepts a candidate decides. */
export const PARENT_RULES: readonly ParentRule[] = [
  // What a program says of itself comes first: it names one span, where time and thread only point at one. The request
  // that it received goes before the span that it names, as a program that calls itself has both.
  appUnderServerBySpan,
  appParentSpan,
  // Needs no tree above it; the rules by thread would put the call beside the span that reports it.
  clientUnderApp,
  // Goes by the calls that the rule before has put below the span.
  appUnderServerBySystrace,
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
  // From here on the way between processes: point by point where packets were seen …
  networkHop,
  serverUnderNetwork,
  // … and from end to end where none were.
  serverUnderClient,
  // The same for transports without TCP sequence numbers. No span has keys of two transports.
  unixSocketPair,
  datagramPair,
  // One end of the way was not seen, and the application tells what it was.
  networkUnderApp,
  appUnderNetwork,
  // Neither end was: whatever is nearer has been tried by now.
  processUnderRemoteApp,
  // A gateway that nobody recorded: first by what names a request, then by what names only a stream or the trace.
  gatewayXRequestId,
  gatewayStreamId,
  weakTraceId,
];

/** Every rule of the table, the gaps included; X05 draws links between spans, not parents. */
export const PARENT_RULE_TABLE: Readonly<Record<RuleId, RuleDescription | 'not-built'>> = {
  R01: appParentSpan,
  R02: appUnderServerBySpan,
  R03: appUnderServerBySystrace,
  R04: clientUnderApp,
  R05: systraceSameSide,
  R06: systraceChain,
  R07: xRequestIdInProcess,
  R08: traceIdInProcess,
  R09: networkHop,
  R10: serverUnderNetwork,
  R11: serverUnderClient,
  R12: networkUnderApp,
  R13: appUnderNetwork,
  R14: processUnderRemoteApp,
  R15: gatewayXRequestId,
  R16: gatewayStreamId,
  X01: unixSocketPair,
  X02: datagramPair,
  X03: socketContext,
  X04: attributedCall,
  X05: messageQueueLink,
  X06: weakTraceId,
};
