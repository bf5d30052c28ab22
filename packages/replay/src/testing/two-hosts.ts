import { EventKind, type HostId, SyscallAbi } from '@causeway/core';
import { eventBlockFromRows } from './event-block-from-rows';
import { captureOf, sampleSocket } from './sample-capture';

/** Requests on the connection. */
export const CALLS_BETWEEN_HOSTS = 20;
const REQUEST = 'GET /stock HTTP/1.1\r\nHost: stock.test\r\n\r\n';
const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const CLIENT = { address: '10.0.0.1', port: 40_000 };
const SERVER = { address: '10.0.0.2', port: 80 };

/**
 * A capture of one end of a connection that carries twenty requests, by its host's own monotonic clock, which stood at
 * `boot` at the start; the other clock showed `realtime`. The server sees each request 1 ms after it was sent, and answers
 * 1 ms before the answer is seen, less the microsecond that a call takes.
 */
export function captureOfEnd(role: 'client' | 'server', boot: bigint, realtime: bigint, firstSequence = 1000) {
  const atClient = role === 'client';
  const socket = sampleSocket(
    7,
    role,
    ...((atClient ? [CLIENT, SERVER] : [SERVER, CLIENT]) as [typeof CLIENT, typeof SERVER]),
  );
  const thread = { pid: 10, tid: 10, comm: atClient ? 'web' : 'stock' };
  const rows = Array.from({ length: CALLS_BETWEEN_HOSTS }, (_, n) => {
    const at = (micros: number) => boot + BigInt(n * 10_000 + micros) * 1000n;
    const row = (time: bigint, abi: SyscallAbi, tcpSeqEnter: number, payload: string) => ({
      ...{ kind: EventKind.data, enter: time, exit: time + 1_000n, abi, thread, socket, fd: 7, rtt: 30, payload },
      ...{ tcpSeqEnter, tcpSeqExit: tcpSeqEnter + payload.length },
    });
    const asked = firstSequence + n * REQUEST.length;
    const answered = 8 * firstSequence + n * RESPONSE.length;
    return atClient
      ? [row(at(0), SyscallAbi.write, asked, REQUEST), row(at(3000), SyscallAbi.read, answered, RESPONSE)]
      : [row(at(1000), SyscallAbi.read, asked, REQUEST), row(at(2000), SyscallAbi.write, answered, RESPONSE)];
  });
  const hostId = `boot of ${thread.comm}` as HostId;
  return captureOf((writer) => writer.writeEvents(eventBlockFromRows(rows.flat())), {
    ...{ hostId, hostName: thread.comm, monotonic: boot, realtime },
  });
}
