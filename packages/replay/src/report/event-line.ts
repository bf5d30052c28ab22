import { type CaptureEvent, Direction, EventKind, SyscallAbi, TcpState } from '@causeway/core';
import { cut, oneLine, pad, padStart } from './columns-text';
import { endpointText } from './endpoint-text';
import { countText, timeOfDayText } from './time-text';

const KIND_NAMES = namesOf(EventKind);
const TCP_STATE_NAMES = namesOf(TcpState);
const SYSCALL_NAMES = namesOf(SyscallAbi);
const DIRECTION_NAMES = new Map<number, string>([
  [Direction.ingress, 'ingress'],
  [Direction.egress, 'egress'],
]);
const PAYLOAD_CHARACTERS = 48;

function namesOf(numbers: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(numbers).map(([name, number]) => [number, name]));
}

/** What moved data that no call did. */
const PACKET = 'packet';

/** The call for data, the kind for the rest: `recvfrom`, `accept`; a number where this version knows no name. */
export function eventName({ kind, abi }: Pick<CaptureEvent, 'kind' | 'abi'>): string {
  if (kind === EventKind.data && abi === SyscallAbi.none) return PACKET;
  if (kind === EventKind.data) return SYSCALL_NAMES.get(abi) ?? `syscall ${abi}`;
  return KIND_NAMES.get(kind) ?? `kind ${kind}`;
}

/** Turns a time of the event into nanoseconds since the Unix epoch. */
type ToEpoch = (time: number) => bigint;

/** One event for a person: time of its exit, thread, call, socket, result, sequence and the start of the payload. */
export function eventLine(event: CaptureEvent, epoch: ToEpoch): string {
  const { thread, socket } = event;
  const arrow = event.direction === Direction.ingress ? '←' : event.direction === Direction.egress ? '→' : '·';
  const where = socket ? `${endpointText(socket.local)} ${arrow} ${endpointText(socket.remote)}` : '';
  return [
    padStart(String(event.ordinal), 7),
    timeOfDayText(epoch(event.exit)),
    pad(cut(`${oneLine(thread.comm)} ${thread.pid}/${thread.tid}`, 26), 26),
    pad(eventName(event), 8),
    pad(socket && event.fd >= 0 ? `fd ${event.fd}` : '', 6),
    pad(where, 45),
    padStart(resultText(event), 9),
    pad(event.tcpSeqEnter === undefined ? '' : `seq ${event.tcpSeqEnter}`, 14),
    payloadText(event.payload),
  ]
    .join(' ')
    .trimEnd();
}

/** One event for a program: times as decimal strings, the payload in base64; what is not known is absent. */
export function eventJsonLine(event: CaptureEvent, epoch: ToEpoch): string {
  const { thread, socket } = event;
  return JSON.stringify({
    ordinal: event.ordinal,
    event: eventName(event),
    enterNs: epoch(event.enter).toString(),
    exitNs: epoch(event.exit).toString(),
    direction: DIRECTION_NAMES.get(event.direction),
    ...thread,
    socket: socket?.id,
    local: socket && endpointText(socket.local),
    remote: socket && endpointText(socket.remote),
    fd: socket && event.fd,
    result: event.result,
    tcpSeqEnter: event.tcpSeqEnter,
    tcpSeqExit: event.tcpSeqExit,
    rttMicros: event.rtt,
    loopTurn: event.loopTurn,
    detail: event.detail,
    payload: base64(event.payload),
  });
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function resultText({ kind, result, detail }: CaptureEvent): string {
  if (kind === EventKind.fork) return `pid ${detail}`;
  if (kind === EventKind.exit) return `code ${detail}`;
  if (kind === EventKind.tcpState) return TCP_STATE_NAMES.get(detail) ?? `state ${detail}`;
  if (kind === EventKind.retransmit) return `${countText(result)} B`;
  if (kind !== EventKind.data) return result < 0 ? `error ${-result}` : '';
  return result < 0 ? `error ${-result}` : `${countText(result)} B`;
}

/** ASCII as it is, everything else as dots. */
export function payloadText(payload: Uint8Array, limit = PAYLOAD_CHARACTERS): string {
  let text = '';
  for (const byte of payload.subarray(0, limit)) text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  return payload.length > limit ? `${text}…` : text;
}
