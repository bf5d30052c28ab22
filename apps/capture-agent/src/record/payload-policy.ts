import type { Redactor } from '../redact/redactor';
import type { SocketTuple } from './socket-registry';

/** What the agent keeps of the payload that the kernel programs gave it, by port, and what masks secrets in it. */
export class PayloadPolicy {
  constructor(
    /** Bytes kept of each call on a socket with this port at either end; the smaller one when both ends have one. */
    private readonly limitByPort: ReadonlyMap<number, number> = new Map(),
    readonly redactor?: Redactor,
  ) {}

  limitOf({ localPort, remotePort }: Pick<SocketTuple, 'localPort' | 'remotePort'>): number {
    if (this.limitByPort.size === 0) return Number.POSITIVE_INFINITY;
    const here = this.limitByPort.get(localPort) ?? Number.POSITIVE_INFINITY;
    const there = this.limitByPort.get(remotePort) ?? Number.POSITIVE_INFINITY;
    return Math.min(here, there);
  }

  /** What it takes out, for the header. */
  get phrases(): readonly string[] {
    const limits = [...this.limitByPort].map(([port, bytes]) =>
      bytes === 0 ? `payload on port ${port}` : `payload on port ${port} behind the first ${bytes} bytes of a call`,
    );
    return [...limits, ...(this.redactor?.phrases ?? [])];
  }
}

export const KEEP_PAYLOAD = new PayloadPolicy();
