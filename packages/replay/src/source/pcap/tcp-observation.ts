import { EventFlag } from '@causeway/core';
import type { Flow, FlowSide } from './flow';
import { TcpFlag, type TcpSegment } from './segment';

/** Weight of a new round trip in the smoothed one (RFC 6298: alpha). */
const SMOOTHING = 8;
const MOST_US = 0xffff_ffff;

/** Takes from a segment how its connection fares: round trips, full receivers, and what was received but not captured. */
export function observe(flow: Flow, segment: TcpSegment, from: FlowSide, time: number): void {
  const to = from === flow.fromLocal ? flow.fromRemote : flow.fromLocal;
  handshake(flow, from, to, time);
  const isFull = segment.window === 0;
  if (isFull && !from.isFull) from.flags |= EventFlag.zeroWindow;
  from.isFull = isFull;
  if (from === flow.fromLocal) send(segment, from, time);
  if ((segment.flags & TcpFlag.ack) === 0) return;
  const { acknowledgment } = segment;
  const { timed, next } = to;
  if (timed !== undefined && ((acknowledgment - timed.end) | 0) >= 0) {
    to.timed = undefined;
    smooth(flow, (time - timed.time) / 1000);
  }
  // A FIN takes a number of its own.
  if (next !== undefined && ((acknowledgment - next) | 0) > (to.fin === undefined ? 0 : 1)) {
    from.flags |= EventFlag.acksUnseen;
    to.next = acknowledgment;
  }
}

/** Flags for an event of this side, once. */
export function takeFlags(side: FlowSide): number {
  const { flags } = side;
  side.flags = 0;
  return flags;
}

/** From the SYN to when the client first acknowledges the server's: a round trip, wherever it is measured. */
function handshake(flow: Flow, from: FlowSide, to: FlowSide, time: number): void {
  if (flow.synTime === undefined || from.initial === undefined || to.initial === undefined) return;
  smooth(flow, (time - flow.synTime) / 1000);
  flow.synTime = undefined;
}

/** The local end's bytes come here first, so that their acknowledgment is a whole round trip away. */
function send({ sequence, length }: TcpSegment, side: FlowSide, time: number): void {
  if (length === 0 || side.next === undefined) return;
  // Of what is sent again nobody knows which one was acknowledged (Karn).
  if (((sequence - side.next) | 0) < 0) side.timed = undefined;
  else side.timed ??= { end: (sequence + length) >>> 0, time };
}

function smooth(flow: Flow, microseconds: number): void {
  const sample = Math.max(0, Math.min(Math.round(microseconds), MOST_US));
  const before = flow.roundTrip;
  flow.roundTrip = before === 0 ? sample : Math.round(before + (sample - before) / SMOOTHING);
}
