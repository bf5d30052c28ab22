import type { Cursor } from '../base/cursor';
import type { Transport } from '../event/event-block';
import type { MessageFields, MessageType } from '../message/message';
import type { L7Protocol } from './l7-protocol';

/** Message fields while a parser still fills them in. */
export type MutableFields = { -readonly [Name in keyof MessageFields]: MessageFields[Name] };

/**
 * Verdict on the first bytes of a connection or datagram. `more` = agrees so far, too short to say; `request` and
 * `response` = surely this protocol, and which side speaks. Must be strict: random bytes have to be `no`. On a stream
 * `no` is final: whatever bytes follow, it stays `no`.
 */
export type Inference = 'no' | 'more' | 'request' | 'response';

export interface InferenceContext {
  readonly transport: Transport;
  /** Whether the client sent these bytes; absent = not known, because the connection is older than the capture. */
  readonly fromClient?: boolean;
}

/**
 * What a parser made of the bytes at the cursor.
 * `unit`: see `Unit`. `more`: whole so far, the unit goes on in bytes that have not come yet. When they never will
 * (`cursor.cut`) this means "truncated": the place of the next unit is unknown. `invalid`: not this protocol, or damaged.
 * `unsupported`: this protocol, but a form of it that cannot be followed; the connection is left alone from here on.
 */
export type Outcome = 'unit' | 'more' | 'invalid' | 'unsupported';

/**
 * The next run of bytes of one direction: a whole message, or a frame of one. Filled in by the parser, used again for
 * each call. A message is the units from the one that begins it to the one that ends it, on one channel.
 */
export class Unit {
  /** Bytes on the wire, ≥ 1. May reach beyond the captured bytes: the rest is then skipped, captured or not. */
  length = 0;
  /**
   * `known`: `length` holds. `until-close`: everything up to the end of the direction. `until-resync`: the end lies in
   * bytes that were not captured; the message ends where the next one is recognised or the other side speaks.
   */
  extent: 'known' | 'until-close' | 'until-resync' = 'known';
  begins: MessageType | undefined = undefined;
  ends = false;
  /** The message open on this channel ended with its previous unit. */
  endsPrevious = false;
  /** Of the message that begins. The parser may go on filling the same object in until the message ends. */
  fields: MutableFields = {};
  /** Messages that overlap in time within one direction (HTTP/2 streams) have a channel each; others use 0. */
  channel = 0;
  /** The begun message's first bytes were not seen. */
  headless = false;
  /** An answer that does not settle its request (HTTP 1xx). */
  interim = false;
  /** So many further requests were refused along with the one that this response answers, and get none of their own. */
  refuses = 0;
  /** What the message open on this channel speaks, where that is more than the connection's protocol: gRPC on HTTP/2. */
  protocol: L7Protocol | undefined = undefined;
  /** Channels that are over in both directions: what is open on them ends, and what waits will get no answer. */
  over: readonly number[] | undefined = undefined;
  /** After this unit the connection speaks another protocol. */
  switches = false;
  /** After this unit the connection speaks what is not read, and is left alone: encrypted, or frames of no request. */
  leaves = false;

  reset(): this {
    this.length = 0;
    this.extent = 'known';
    this.begins = undefined;
    this.ends = false;
    this.endsPrevious = false;
    this.channel = 0;
    this.headless = false;
    this.interim = false;
    this.refuses = 0;
    this.protocol = undefined;
    this.over = undefined;
    this.switches = false;
    this.leaves = false;
    return this;
  }

  /** A message that lies wholly in this unit. */
  whole(type: MessageType, fields: MutableFields, length: number): 'unit' {
    this.begins = type;
    this.fields = fields;
    this.length = length;
    this.ends = true;
    return 'unit';
  }
}

/** Reads one connection, both directions; holds what the protocol remembers from message to message. */
export interface ConnectionParser {
  /**
   * Reads the unit that starts at the cursor. Never throws, never reads past the cursor's end. Must change its own state
   * only when it answers `unit`: after `more` it is called again with the same bytes and some more.
   */
  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome;
  /** Bytes of this direction were lost; the next call stands at what was recognised as the start of a message. */
  resume(fromClient: boolean): void;
  /**
   * After bytes were lost: whether a message starts at the cursor, where the connection tells more than `infer` can know.
   * Absent, or undefined = `infer` is asked.
   */
  mayResume?(cursor: Cursor, fromClient: boolean): boolean | undefined;
}

/** A protocol as the registry knows it. Each is one file or folder; none knows another. */
export interface ProtocolParser {
  readonly protocol: L7Protocol;
  readonly transports: readonly Transport[];
  /** Requests and responses are paired by their order on the connection, or by `requestId`. */
  readonly pairing: 'order' | 'id';
  /** The content is encrypted: counted, and only what goes before it is read. */
  readonly opaque?: true;
  infer(cursor: Cursor, context: InferenceContext): Inference;
  /**
   * After bytes were lost: moves the cursor on, to the next place where a message may start, which `infer` is then asked
   * about. False = there is none. Absent = messages are looked for only where an event begins.
   */
  skipToStart?(cursor: Cursor): boolean;
  open(transport: Transport): ConnectionParser;
}
