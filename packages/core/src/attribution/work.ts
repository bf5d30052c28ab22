import type { Nanoseconds, SystraceId } from '../base/brand';
import type { SysSpan } from '../span/span';

/** The first calls on a connection (greeting, login, what it was made for) belong together, however long they take. */
export const OPENING_CALLS = 3;

/** How a connection came to a call: it was made for it, freed in this very turn of the thread, some turns of the loop ago, or long ago. */
export const FREED = ['made', 'same-turn', 'same-loop', 'next-loop', 'second-loop', 'third-loop', 'idle'] as const;

/** Something came in: when, to which thread, in which turn of its loop, and the systrace id that it opened. */
export interface Input {
  readonly time: number;
  readonly id: SystraceId | undefined;
  readonly tid: number | undefined;
  readonly loopTurn: number | undefined;
}

/** Something goes out; `id`: the systrace id that was open. */
export interface Output extends Input {
  /** The first on a new connection: then all is said of the `connect`. */
  readonly connects: boolean;
}

/** Where a request's life stands at a time. */
export interface Standing {
  /** From when until when, exclusive, it stands so; empty = nobody knows, it must be found out each time. */
  from: number;
  until: number;
  /** Calls that went out before. */
  place: number;
  /** The latest that came in. */
  input: Input;
  /** Kind of what went out before; −1 = nothing, yet. */
  before: number;
  /** That was a call which had not been answered. */
  overlapping: boolean;
}

/** A request's life as it is assumed to be. */
export interface Life {
  /** The model by which it was scored; absent = it has changed since. */
  model: object | undefined;
  score: number;
  /** Sums of the score before each place among its calls. */
  readonly sums: number[];
}

/** A request that the process handled: an s-p span. */
export interface Request {
  readonly span: SysSpan;
  readonly start: Nanoseconds;
  /** First byte of the response; infinite = none was seen. */
  readonly answered: number;
  /** It makes no calls later than this. */
  readonly until: number;
  /** Number of its endpoint. */
  readonly kind: number;
  readonly tokens: readonly number[];
  readonly read: Input;
  readonly response: Output;
  /** Calls that are attributed to it, in the order in which they were sent. */
  readonly calls: Call[];
  /** What was last found out of its life: see there. */
  readonly standing: Standing;
  readonly life: Life;
  /** Its place among the open requests of the call that is being weighed. */
  slot: number;
}

/** A call that the process made: a c-p span, or all those of a connection that was made for one purpose. */
export interface Call {
  /** The first. */
  readonly span: SysSpan;
  readonly spans: readonly SysSpan[];
  /** The one that was answered last. */
  readonly last: SysSpan;
  /** When it was decided to send it: the connection may have had to be made first. */
  readonly start: number;
  /** First byte of the response; infinite = none was seen. */
  readonly answered: number;
  /** Number of its endpoint and of whom it asked. */
  readonly kind: number;
  readonly tokens: readonly number[];
  /** Requests that were open when it was sent, in order of start. */
  readonly open: readonly Request[];
  request: Request | undefined;
  /** Its place on its connection, from 0, as far as it was seen. */
  readonly place: number;
  /** The call before it, and after it, on its connection. */
  readonly previous: Call | undefined;
  next: Call | undefined;
  /** It was sent in the turn that the answer to the call before it opened: the connection had just become free. */
  readonly released: boolean;
  /** How recently the connection had become free: a place in FREED. */
  readonly freed: number;
  readonly sent: Output;
  readonly answer: Input;
  /** When its connection ended, if it was the last on it. */
  readonly ended: Input | undefined;
  /** Of each open request, as it was last seen: its place in the queue, the agreement of words, their likelihood. */
  readonly turns: Uint8Array;
  readonly contents: Uint8Array;
  readonly anchors: Uint8Array;
  readonly besides: Float64Array;
  /** The best candidate's log-likelihood less the second best's. */
  margin: number;
}

/** What one process was asked and what it asked others. */
export interface ProcessWork {
  readonly requests: readonly Request[];
  readonly calls: readonly Call[];
  /** Endpoints by number of their kind. */
  readonly kindNames: readonly string[];
  readonly tokenNames: readonly string[];
}
