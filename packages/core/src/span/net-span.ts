import type { HostId } from '../base/brand';
import type { Hash64 } from '../base/hash';
import type { SocketInfo } from '../event/event-block';
import type { Session } from '../session/session';
import type { TcpMetrics } from '../stream/tcp-metrics';
import type { IncompleteReason, NetSpan, NetTapSide, SysSpan, SysTapSide } from './span';
import { sysSpan } from './sys-span';

/** What a system call's span has and a packet's has not. */
const OF_CALLS = [
  'pid',
  'tid',
  'responseTid',
  'comm',
  'tls',
  'socket',
  'systraceIdRequest',
  'systraceIdResponse',
  'systraceIdConnect',
  'attribution',
  'requestEvents',
  'responseEvents',
] as const satisfies (keyof SysSpan)[];

/**
 * The span of a session that packets showed: all that a system call's has, but for the process. The end that the flow
 * is seen from gives the side, the interface's place the rest.
 */
export function netSpan(
  hostId: HostId,
  seed: Hash64,
  session: Session,
  incomplete: IncompleteReason | undefined,
  interfaceName: string,
  tcp: TcpMetrics | undefined,
): NetSpan {
  const span: SysSpan = sysSpan(hostId, seed, session, incomplete, tcp);
  const tapSide = observationPoint(span.tapSide, span.socket);
  // Written over, not copied: leaving fields out of a copy takes longer than all else that is done for a span.
  const seen = span as { -readonly [Name in keyof SysSpan]?: SysSpan[Name] | undefined };
  for (const name of OF_CALLS) seen[name] = undefined;
  return Object.assign(seen, { type: 'net', tapSide, interfaceName }) as unknown as NetSpan;
}

function observationPoint(tapSide: SysTapSide, { observation }: SocketInfo): NetTapSide {
  const end = tapSide === 's-p' ? 's' : 'c';
  return observation === undefined ? end : `${end}-${observation}`;
}
