/**
 * Live sending: a capture file that is still growing, over a WebSocket at `LIVE_PATH`. Text messages are JSON of the
 * types below, binary messages are the file's next bytes, in order, cut anywhere.
 *
 *   agent                              server
 *   hello {captureId, name, host} →
 *                                  ←   resume {durableOffset}     what the server holds on disk
 *   bytes from durableOffset on …  →
 *                                  ←   ack {durableOffset}        after each write to disk
 *   end                            →                              the capture is complete
 *                                  ←   done
 *
 * The agent keeps what is not acknowledged in a spool file and starts over with `hello` after any break, so no byte is
 * lost and none is written twice. An access token, where one is needed, goes in the `Authorization: Bearer` header.
 */
export const LIVE_PATH = '/api/live';

export interface LiveHello {
  readonly type: 'hello';
  readonly protocol: 1;
  /** The capture id of the file's header: lower-case UUID. */
  readonly captureId: string;
  /** Name shown to people until they change it. */
  readonly name: string;
  readonly hostName: string;
}
export interface LiveEnd {
  readonly type: 'end';
  /** Total length of the capture in bytes. */
  readonly length: number;
}
export type LiveFromAgent = LiveHello | LiveEnd;

export interface LiveResume {
  readonly type: 'resume';
  readonly durableOffset: number;
}
export interface LiveAck {
  readonly type: 'ack';
  readonly durableOffset: number;
}
export interface LiveDone {
  readonly type: 'done';
}
export interface LiveRefused {
  readonly type: 'refused';
  /** One sentence for the person at the agent. */
  readonly reason: string;
}
export type LiveFromServer = LiveResume | LiveAck | LiveDone | LiveRefused;
