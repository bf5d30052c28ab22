import type { Nanoseconds, SystraceId, TcpSeq } from '../base/brand';
import { Cursor } from '../base/cursor';
import type { Direction, SocketInfo, SocketRole } from '../event/event-block';
import type { EventMark } from '../event/event-mark';
import type { L7Protocol } from '../protocol/l7-protocol';
import { type ConnectionParser, type MutableFields, Unit } from '../protocol/protocol-parser';
import type { Session } from '../session/session';
import type { StreamReceiver } from '../stream/byte-stream';
import { MAX_PENDING_BYTES, SETTLE_NS } from '../stream/limits';
import { EarlyStep } from './early-step';
import type { GrowingMessage, OpenMessage } from './open-message';
import { type EndedMessages, OpenMessages } from './open-messages';
import { PendingBytes } from './pending-bytes';

/** What both readers of a connection share: implemented by the connection. */
export interface MessageContext extends EndedMessages {
  readonly socket: SocketInfo;
  readonly role: SocketRole;
  readonly protocol: L7Protocol;
  /** Absent until the protocol is recognised. */
  readonly parser: ConnectionParser | undefined;
  isFromClient(direction: Direction): boolean;
  /** Tries to recognise the protocol; `yes` = `parser` is there now. */
  recognise(cursor: Cursor, direction: Direction): 'yes' | 'more' | 'no';
  /** Whether the bytes may be of the protocol that was recognised. */
  mayBegin(cursor: Cursor, direction: Direction): boolean;
  /** After bytes were lost: index of the first place from the cursor on where surely a message starts, −1 if there is none. */
  resumesAt(cursor: Cursor, direction: Direction): number;
  sequenceAt(direction: Direction, offset: number): TcpSeq | undefined;
  /** Answers once: the systrace id under which the connection was asked for, to its first message that goes out. */
  takeConnectId(direction: Direction): SystraceId | undefined;
  began(message: GrowingMessage, interim: boolean): Session | undefined;
  /** The parser could not go on. */
  failed(): void;
  switched(): void;
  /** Nothing more is to be read. */
  leave(): void;
  /** The channels are over in both directions. */
  over(channels: readonly number[]): void;
  lostBytes(count: number): void;
  /** Responses may be missing between the last one and what comes now. */
  responsesLost(): void;
  /** The end of the open message can only be told by time. */
  settles(): void;
}

/** Shared by all readers: parsing never nests. */
const cursor = new Cursor();
const unit = new Unit();

/**
 * Cuts one direction of a connection into messages. At any time it stands in one of these states:
 * - at the start of a unit, with or without some bytes of it pending;
 * - within a unit of known length, passing over its rest, captured or not;
 * - astray: the end of the last unit lies in bytes that are not there. Bytes are then passed over, and counted to the
 *   message that is open, until an event holds what is surely the start of a message.
 */
export class MessageReader implements StreamReceiver {
  private readonly pending = new PendingBytes();
  private readonly open: OpenMessages;

  /** Bytes of the current unit that have not come yet, and what follows them. */
  private rest = 0;
  private restOpen: OpenMessage;
  private restEnds = false;

  private astray = false;
  /** Astray since the other side spoke last, so messages may have been missed that it has not reacted to. */
  private inDoubt = false;
  private lastTime = 0 as Nanoseconds;

  private readonly early = new EarlyStep();
  /** Where in the stream the pending bytes end. */
  private pendingEnd = 0;

  constructor(
    private readonly context: MessageContext,
    private readonly direction: Direction,
  ) {
    this.open = new OpenMessages(context);
    this.restOpen = this.open.main;
  }

  receive(bytes: Uint8Array, hole: number, offset: number, mark: EventMark): void {
    this.lastTime = mark.time;
    let from = 0;
    if (this.rest > 0) {
      from = this.passRest(bytes.length, hole, mark);
      if (from === bytes.length + hole) return;
      if (from >= bytes.length) {
        this.goAstray(bytes.length + hole - from, mark);
        return;
      }
    }
    if (this.astray) {
      from = this.tryResume(bytes, from, hole, mark);
      if (from < 0) return;
    }
    const { pending } = this;
    if (pending.length === 0) {
      this.parse(bytes, from, bytes.length, hole, offset + from, mark, false);
    } else {
      const start = offset + from - pending.length;
      pending.append(bytes, from, bytes.length, mark);
      const understood = this.parse(pending.bytes, 0, pending.length, hole, start, mark, true);
      // What was kept from earlier events was of no known protocol; this event may start with one.
      if (!understood) this.parse(bytes, from, bytes.length, hole, offset + from, mark, false);
    }
    this.pendingEnd = offset + bytes.length;
  }

  /** The protocol is known now: reads what waited for that. */
  catchUp(): void {
    const { pending } = this;
    const { length } = pending;
    if (length === 0) return;
    const mark = pending.markAt(length - 1);
    cursor.reset(pending.bytes, 0, length, false);
    if (this.context.mayBegin(cursor, this.direction)) {
      this.parse(pending.bytes, 0, length, 0, this.pendingEnd - length, mark, true);
    } else {
      pending.clear();
      this.goAstray(length, mark);
    }
  }

  lost(length: number, _offset: number, mark: EventMark): void {
    this.lastTime = mark.time;
    if (this.rest > 0) {
      const passed = this.passRest(0, length, mark);
      if (passed === length) return;
      this.goAstray(length - passed, mark);
    } else {
      const pending = this.pending.length;
      this.pending.clear();
      this.goAstray(pending + length, mark);
    }
  }

  leftOut(): void {
    this.context.parser?.resume(this.context.isFromClient(this.direction));
    this.restart();
  }

  limited(): void {
    this.context.limited();
  }

  /** One datagram: begins and ends with itself. */
  datagram(bytes: Uint8Array, hole: number, mark: EventMark): void {
    this.lastTime = mark.time;
    this.receive(bytes, hole, 0, mark);
    this.close();
  }

  /** No more bytes will come: what was open until the close has ended well, all else is cut. */
  close(): void {
    if (this.rest === Number.POSITIVE_INFINITY && this.restEnds) this.open.end(this.restOpen);
    this.restart();
  }

  /** Forgets where it stands; what is open ends here, cut. */
  restart(): void {
    this.pending.clear();
    this.rest = 0;
    this.astray = false;
    this.inDoubt = false;
    this.early.drop();
    this.open.cutAll();
  }

  /** The channel is over, whole. */
  finish(channel: number): void {
    this.open.finish(channel);
  }

  /** The other side began a message: if this one's end was lost, it lies before. */
  turn(): void {
    if (!this.astray) return;
    if (this.inDoubt && !this.context.isFromClient(this.direction)) this.context.responsesLost();
    this.inDoubt = false;
    this.open.cutAll();
  }

  /** Ends what has waited long enough for an end that was lost. False = nothing waits any more. */
  settle(now: number): boolean {
    if (!this.astray || !this.open.any) return false;
    if (now - this.lastTime <= SETTLE_NS) return true;
    this.open.cutAll();
    return false;
  }

  /** False = the bytes are of no known protocol from the first one on, and were dropped. */
  private parse(
    bytes: Uint8Array,
    start: number,
    end: number,
    hole: number,
    offset: number,
    mark: EventMark,
    buffered: boolean,
  ): boolean {
    const { context, direction } = this;
    let at = start;
    while (at < end) {
      cursor.reset(bytes, at, end, hole > 0);
      if (context.parser === undefined) {
        const recognised = context.recognise(cursor, direction);
        if (recognised === 'more' && hole === 0) {
          this.keep(bytes, at, end, mark, buffered);
          return true;
        }
        if (recognised !== 'yes') {
          this.pending.clear();
          this.early.drop();
          return at > start;
        }
        cursor.reset(bytes, at, end, hole > 0);
      }
      const outcome = context.parser!.parse(cursor, context.isFromClient(direction), unit.reset());
      if (outcome === 'more' && hole === 0) {
        this.keep(bytes, at, end, mark, buffered);
        return true;
      }
      if (outcome !== 'unit' || !(unit.length > 0)) {
        this.abandon(outcome, end - at + hole, mark);
        return true;
      }
      const open = this.openUnit(offset + at - start, buffered ? this.pending.markAt(at) : mark);
      const length = unit.extent === 'until-close' ? Number.POSITIVE_INFINITY : unit.length;
      const here = Math.min(length, end - at);
      if (open.message !== undefined) {
        if (buffered) this.pending.forEachMark(at, at + here, (size, each) => open.grow(size, each));
        else open.grow(here, mark);
      }
      at += here;
      const { ends, over } = unit;
      open.refuses = unit.refuses;
      if (unit.leaves) {
        if (ends) this.open.end(open);
        this.pending.clear();
        this.context.leave();
        return true;
      }
      if (unit.extent === 'until-resync') {
        this.pending.clear();
        this.goAstray(hole, mark);
        return true;
      }
      if (length === here) {
        if (ends) this.open.end(open);
        if (over !== undefined) this.context.over(over);
        if (unit.switches) this.context.switched();
        continue;
      }
      if (over !== undefined) this.context.over(over);
      this.rest = length - here;
      this.restOpen = open;
      this.restEnds = ends;
      this.pending.clear();
      const passed = hole > 0 ? this.passRest(0, hole, mark) : 0;
      if (passed < hole) this.goAstray(hole - passed, mark);
      return true;
    }
    this.pending.clear();
    if (hole > 0) this.goAstray(hole, mark);
    return true;
  }

  /** Begins the message of the unit, or finds the one that it goes on. */
  private openUnit(offset: number, mark: EventMark): OpenMessage {
    const open = this.open.on(unit.channel, unit.begins !== undefined);
    if (unit.protocol !== undefined && open.message !== undefined) open.message.protocol = unit.protocol;
    if (unit.endsPrevious && open.message !== undefined) this.open.end(open);
    if (unit.begins === undefined) {
      this.early.undo();
      return open;
    }
    if (open.message !== undefined) this.open.end(open);
    const { context, direction } = this;
    const idle = unit.fields.heartbeat === true;
    if (idle) this.early.undo();
    const systraceId = idle ? undefined : this.early.use(mark, direction, context);
    const fields: MutableFields = unit.fields;
    const message = {
      type: unit.begins,
      protocol: unit.protocol ?? context.protocol,
      direction,
      socket: context.socket,
      role: context.role,
      thread: mark.thread,
      time: mark.time,
      endTime: mark.time,
      length: 0,
      truncated: false,
      headless: unit.headless,
      events: [mark.ordinal],
      fields,
      // Of one shape, whether they are known or not.
      tcpSeq: context.sequenceAt(direction, offset),
      systraceId,
      systraceIdConnect: context.takeConnectId(direction),
      loopTurn: mark.loopTurn,
    } as GrowingMessage;
    open.message = message;
    open.refuses = 0;
    open.session = context.began(message, unit.interim);
    return open;
  }

  /** Passes over the rest of the unit; says how many of the bytes and of the hole after them it took. */
  private passRest(captured: number, hole: number, mark: EventMark): number {
    const taken = Math.min(this.rest, captured + hole);
    this.rest -= taken;
    const open = this.restOpen;
    open.grow(taken, mark);
    if (taken > captured && open.message !== undefined) open.message.truncated = true;
    if (this.rest === 0 && this.restEnds) this.open.end(open);
    return taken;
  }

  /** Keeps the bytes of a unit that is not whole yet. */
  private keep(bytes: Uint8Array, at: number, end: number, mark: EventMark, buffered: boolean): void {
    const { pending } = this;
    if (end - at > MAX_PENDING_BYTES) {
      this.context.limited();
      pending.clear();
      this.goAstray(end - at, mark);
      return;
    }
    if (buffered) pending.consume(at);
    else pending.append(bytes, at, end, mark);
    if (!this.early.taken && !this.open.any) this.early.take(pending.markAt(0), this.direction, this.context);
  }

  private abandon(outcome: 'more' | 'invalid' | 'unsupported' | 'unit', length: number, mark: EventMark): void {
    this.pending.clear();
    this.goAstray(length, mark);
    if (outcome === 'more') return;
    this.open.cutAll();
    if (outcome === 'unsupported') this.context.leave();
    else this.context.failed();
  }

  /** `length` bytes up to here cannot be read, and where the next unit starts is not known. */
  private goAstray(length: number, mark: EventMark): void {
    this.astray = true;
    this.inDoubt = true;
    this.rest = 0;
    this.early.drop();
    this.passStray(length, mark);
    if (this.open.any) this.context.settles();
  }

  private passStray(length: number, mark: EventMark): void {
    this.context.lostBytes(length);
    const { message } = this.open.main;
    if (message === undefined) return;
    message.truncated = true;
    this.open.main.grow(length, mark);
  }

  /** Says from where on the bytes can be read, −1 = not at all. */
  private tryResume(bytes: Uint8Array, from: number, hole: number, mark: EventMark): number {
    const { context, direction } = this;
    let start = from;
    if (context.parser !== undefined) {
      cursor.reset(bytes, from, bytes.length, hole > 0);
      start = from === bytes.length ? -1 : context.resumesAt(cursor, direction);
      if (start < 0) {
        this.passStray(bytes.length - from + hole, mark);
        return -1;
      }
      if (start > from) this.passStray(start - from, mark);
    }
    this.astray = false;
    this.open.cutAll();
    if (this.inDoubt && !context.isFromClient(direction)) context.responsesLost();
    this.inDoubt = false;
    context.parser?.resume(context.isFromClient(direction));
    return start;
  }
}
