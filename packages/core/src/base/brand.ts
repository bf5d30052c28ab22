/** A type that the compiler keeps apart from others of the same representation; it costs nothing at run time. */
export type Brand<Base, Name extends string> = Base & { readonly __brand: Name };

/**
 * A point in time: whole nanoseconds since the time origin of the replay (see `TimeOrigin`). A double holds these
 * exactly for 104 days either side of the origin, which Unix-epoch nanoseconds would not be.
 */
export type Nanoseconds = Brand<number, 'Nanoseconds'>;
/** A length of time in nanoseconds; may be negative when it is a difference. */
export type DurationNs = Brand<number, 'DurationNs'>;
/** Nanoseconds since the Unix epoch of the instant that `Nanoseconds` 0 stands for. By rule, midnight UTC of a capture's first day. */
export type TimeOrigin = Brand<bigint, 'TimeOrigin'>;

/** Names one host boot: the capture header's host id. Systrace ids, socket ids and process ids mean something only within one. */
export type HostId = Brand<string, 'HostId'>;
/** Opaque name of a kernel socket, unique within a host's boot: 16 lower-case hex digits. */
export type SocketId = Brand<string, 'SocketId'>;
/** Names a span within one capture or workspace, stable from replay to replay of the same bytes. */
export type SpanId = Brand<string, 'SpanId'>;
/** TCP sequence number (RFC 9293): unsigned 32 bits, wraps. */
export type TcpSeq = Brand<number, 'TcpSeq'>;
/** Position of an event in its capture, counted from 0 over all event blocks in file order. */
export type EventOrdinal = Brand<number, 'EventOrdinal'>;
/** Number given by the systrace state machine, unique within one host of one replay; never 0. */
export type SystraceId = Brand<number, 'SystraceId'>;
