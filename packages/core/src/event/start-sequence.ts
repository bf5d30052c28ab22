import { SyscallAbi } from './event-block';

/**
 * Sequence number of the first byte that a call moved. The socket's counter was read at enter and at exit:
 * - it moved by exactly what the call returned: either tells it;
 * - it did not move (MSG_PEEK), or by one more (a FIN was taken in too): enter is right;
 * - otherwise others used the socket meanwhile, and the exit value less the bytes moved is right.
 * A message of an mmsg call starts where the one before ended. `undefined` = straight after the last bytes seen.
 */
export function startSequence(
  enter: number,
  exit: number,
  result: number,
  abi: number,
  detail: number,
): number | undefined {
  const moved = (exit - enter) >>> 0;
  if (moved === result || moved === 0 || moved === result + 1) return enter;
  if (abi === SyscallAbi.recvmmsg || abi === SyscallAbi.sendmmsg) return detail === 0 ? enter : undefined;
  return (exit - result) >>> 0;
}
