/** Named bounds of what is kept for one direction of one connection. */

/** Bytes of a message's head that are kept while the rest of it has not come. Beyond, the message counts as cut. */
export const MAX_PENDING_BYTES = 256 * 1024;
/** Events that came ahead of their turn and wait for the ones before them. Beyond, the missing ones count as lost. */
export const MAX_HELD_SEGMENTS = 64;
/** Payload of events and packets that wait so. */
export const MAX_HELD_BYTES = 8 * 1024 * 1024;
/** Messages that are open at once in one direction (HTTP/2 streams). Beyond, the oldest counts as cut. */
export const MAX_CHANNELS = 4096;
/** Requests of one connection that wait for a response at once. Beyond, the oldest counts as unanswered. */
export const MAX_WAITING = 16_384;
/** How long they wait, in nanoseconds of the capture's time: order between CPUs is disturbed by microseconds only. */
export const REORDER_WAIT_NS = 5_000_000;
/**
 * The same for packets: a segment that was lost on the way is sent again after a timeout of seconds at the most, while
 * those behind it, a window full, come at once.
 */
export const MAX_HELD_PACKETS = 4096;
export const PACKET_WAIT_NS = 3_000_000_000;
/** What comes so much later than the segments behind it was overtaken on the way; later, and than a round trip, it was sent again. */
export const OVERTAKEN_NS = 3_000_000;
/** A sequence number that is further behind, or ahead, belongs to another connection that took over the socket. */
export const MAX_REWIND_BYTES = 16 * 1024 * 1024;
export const MAX_JUMP_BYTES = 256 * 1024 * 1024;
/** A message whose end was not captured is taken as ended after this much silence, in nanoseconds. */
export const SETTLE_NS = 500_000_000;
