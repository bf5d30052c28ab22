import {
  type CaptureEvent,
  type Direction,
  type EventBlock,
  EventFlag,
  type EventKind,
  type Nanoseconds,
  NONE,
  type SyscallAbi,
} from '@causeway/core';

/** Row i of a block as an object. */
export function readEvent(block: EventBlock, i: number): CaptureEvent {
  const socket = block.socket[i] === NONE ? undefined : block.sockets[block.socket[i]!];
  const hasTcpSeq = (block.flags[i]! & EventFlag.tcpSeq) !== 0;
  return {
    ordinal: block.firstOrdinal + i,
    kind: block.kind[i] as EventKind,
    enter: (block.enter[i]! + block.timeShift) as Nanoseconds,
    exit: (block.exit[i]! + block.timeShift) as Nanoseconds,
    abi: block.abi[i] as SyscallAbi,
    direction: block.direction[i] as Direction,
    flags: block.flags[i]!,
    thread: block.threads[block.thread[i]!]!,
    ...(socket && { socket }),
    fd: block.fd[i]!,
    result: block.result[i]!,
    ...(hasTcpSeq && { tcpSeqEnter: block.tcpSeqEnter[i]!, tcpSeqExit: block.tcpSeqExit[i]! }),
    ...(block.rtt[i] !== 0 && { rtt: block.rtt[i]! }),
    ...(block.loopTurn[i] !== 0 && { loopTurn: block.loopTurn[i]! }),
    detail: block.detail[i]!,
    payload: block.payload(i),
  };
}
