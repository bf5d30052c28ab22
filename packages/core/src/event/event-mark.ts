import type { ThreadTrace } from '../association/systrace';
import type { Nanoseconds } from '../base/brand';
import type { ThreadInfo } from './event-block';

/** What a stream keeps of the event that brought some bytes. */
export interface EventMark {
  readonly ordinal: number;
  /** Egress = system call enter, ingress = system call exit. */
  readonly time: Nanoseconds;
  readonly thread: ThreadInfo;
  readonly trace: ThreadTrace;
  /** Of the thread's event loop; undefined = it has none, or it is not known. */
  readonly loopTurn: number | undefined;
}
