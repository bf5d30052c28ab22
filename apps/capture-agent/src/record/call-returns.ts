import { EventKind, type SocketInfo } from '@causeway/core';

/** When the returns of system calls are watched: once that is of use, from the start, or not at all. */
export const CALL_RETURNS = ['auto', 'always', 'never'] as const;
export type CallReturns = (typeof CALL_RETURNS)[number];

/** What somebody needs them for: the turns of event loops, or the senders of datagrams. */
export type ReturnsReason = 'turns' | 'senders';

/** Measured by `npm run bench:capture`: any call, of any process. */
const ADDED_NANOSECONDS = 110;
const REASONS: Readonly<Record<ReturnsReason, string>> = {
  turns: 'both answers and asks, so the turns of its event loop are counted',
  senders: 'receives datagrams from anybody, so their senders are looked up',
};

export const returnsText = (reason: ReturnsReason, pid: number): string =>
  `Process ${pid} ${REASONS[reason]}: each system call of this host takes about ${ADDED_NANOSECONDS} ns longer from here on.`;

/**
 * Whether anybody has use for the returns of system calls: watching them makes every call of the host slower. The turns of an event
 * loop tell whose calls are whose where it both answers and asks; who only answers, or only asks, has nothing to be told
 * apart. The sender of a datagram is known only then, unless the socket talks to nobody else.
 */
export class CallReturnsNeed {
  private readonly answering = new Set<number>();
  private readonly asking = new Set<number>();
  /** Not asked again: who answers and asks has made its loop. */
  private readonly withoutLoop = new Set<number>();
  private settled = false;

  /** `hasLoop`: whether a process has an event loop, now. `onNeed` is called once at the most. */
  constructor(
    private readonly hasLoop: (pid: number) => boolean,
    private readonly onNeed: (reason: ReturnsReason, pid: number) => void,
  ) {}

  /** A process asked for a connection, or accepted one; or data came from nobody knows where. */
  opened(kind: number, pid: number): void {
    if (kind === EventKind.data) this.settle('senders', pid);
    else this.note(kind === EventKind.accept ? this.answering : this.asking, pid);
  }

  /** A socket that a process had before. A connection that was not accepted was asked for; a pair without a name is neither. */
  held({ role, transport, local, remote }: SocketInfo, pid: number): void {
    if (transport === 'udp') {
      if (local.port !== 0 && remote.port === 0) this.settle('senders', pid);
      return;
    }
    const isConnected = transport === 'unix' ? local.address + remote.address !== '' : remote.port !== 0;
    if (isConnected) this.note(role === 'server' ? this.answering : this.asking, pid);
  }

  private note(pids: Set<number>, pid: number): void {
    if (this.settled || this.withoutLoop.has(pid)) return;
    pids.add(pid);
    if (!this.answering.has(pid) || !this.asking.has(pid)) return;
    if (this.hasLoop(pid)) this.settle('turns', pid);
    else this.withoutLoop.add(pid);
  }

  private settle(reason: ReturnsReason, pid: number): void {
    if (this.settled) return;
    this.settled = true;
    this.onNeed(reason, pid);
  }
}
