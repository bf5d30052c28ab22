import type { HostId } from '../base/brand';
import type { Hash64 } from '../base/hash';
import type { SocketInfo } from '../event/event-block';
import type { Session } from '../session/session';
import type { IncompleteReason, NetSpan, NetTapSide, SysTapSide } from './span';
import { sysSpan } from './sys-span';

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
): NetSpan {
  const {
    type,
    tapSide,
    pid,
    tid,
    comm,
    tls,
    socket,
    requestEvents,
    responseEvents,
    systraceIdRequest,
    systraceIdResponse,
    ...seen
  } = sysSpan(hostId, seed, session, incomplete);
  return { ...seen, type: 'net', tapSide: observationPoint(tapSide, socket), interfaceName };
}

function observationPoint(tapSide: SysTapSide, { observation }: SocketInfo): NetTapSide {
  const end = tapSide === 's-p' ? 's' : 'c';
  return observation === undefined ? end : `${end}-${observation}`;
}
