import { Direction, guessProtocol, type L7Protocol, type Transport } from '@causeway/core';
import { LEAVE_OUT } from '../native/native-addon';
import type { OpenValues, Redactor } from '../redact/redactor';
import type { EndpointFilter, ExchangeMemory } from './endpoint-filter';
import type { SocketTuple } from './socket-registry';

/** What is remembered of one stream of bytes, or of what TLS carries over it, between its calls. */
export interface StreamMemory extends OpenValues {
  /** `none`: its first bytes were of no protocol that is known. Absent = too little was seen. */
  protocol?: L7Protocol | 'none';
  guesses?: number;
  /** Absent until the protocol is known; then whether a verdict follows from it. */
  decided?: boolean;
  exchange?: ExchangeMemory | undefined;
  /** By direction: the sequence number up to which its last bytes were left out. */
  filteredUpTo?: [undefined, number | undefined, number | undefined];
  /** Which way the last bytes went, and how many more of them are kept. */
  turn?: { direction: number; left: number };
}

export interface PayloadLimits {
  /** Bytes kept of each call on a socket with this port at either end; the smaller one when both ends have one. */
  readonly byPort?: ReadonlyMap<number, number>;
  /** Bytes kept of each call on a connection of this protocol, once it is known. */
  readonly byProtocol?: ReadonlyMap<L7Protocol, number>;
  /** Bytes kept of what goes one way until something goes the other way. */
  readonly perTurn?: number;
}

/** Bytes of one call, as the kernel programs gave them. */
export interface CallBytes {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly length: number;
  /** The call moved so many. */
  readonly moved: number;
  readonly direction: number;
  readonly transport: Transport;
  /** Absent = not known. */
  readonly isClient?: boolean;
}

const MAX_TURN_LIMIT = 0xffff_ffff;
/** Calls with payload after which an unknown protocol is given up. */
const MAX_GUESSES = 8;

/**
 * What the agent keeps of the payload that the kernel programs gave it, by port, protocol and turn, and what masks secrets in
 * it; and of which protocols it keeps connections, and of which endpoints requests, at all.
 */
export class PayloadPolicy {
  private readonly byPort: ReadonlyMap<number, number>;
  private readonly byProtocol: ReadonlyMap<L7Protocol, number>;
  private readonly perTurn: number;

  constructor(
    limits: PayloadLimits = {},
    readonly redactor?: Redactor,
    /** Only connections of these are recorded; none = of all. */
    readonly protocols: readonly L7Protocol[] = [],
    readonly endpoints?: EndpointFilter,
  ) {
    this.byPort = limits.byPort ?? new Map();
    this.byProtocol = limits.byProtocol ?? new Map();
    this.perTurn = limits.perTurn ?? Number.POSITIVE_INFINITY;
  }

  /** Whether protocols matter: then `learn` is to be called with each call's payload. */
  get asksProtocol(): boolean {
    return this.decidesConnections || this.endpoints !== undefined;
  }

  /** Whether `verdict` may have something to say. */
  get decidesConnections(): boolean {
    return this.byProtocol.size + this.protocols.length > 0;
  }

  /** The limit of turns, where nothing else is to be known of what they hold: then the kernel may see to it. */
  get turnLimit(): number | undefined {
    const alone = !this.asksProtocol && this.byPort.size === 0;
    return alone && this.perTurn <= MAX_TURN_LIMIT ? this.perTurn : undefined;
  }

  learn(memory: StreamMemory, { bytes, from, length, moved, direction, transport, isClient }: CallBytes): void {
    if (memory.protocol !== undefined || length === 0) return;
    const fromClient = isClient === undefined ? undefined : isClient === (direction === Direction.egress);
    memory.guesses = (memory.guesses ?? 0) + 1;
    const guess = guessProtocol(bytes, from, from + length, moved > length, transport, fromClient);
    if (guess !== undefined) memory.protocol = guess;
    else if (memory.guesses >= MAX_GUESSES) memory.protocol = 'none';
  }

  leavesOut({ protocol }: StreamMemory): boolean {
    return this.protocols.length > 0 && protocol !== undefined && !this.protocols.includes(protocol);
  }

  /** What there is to say about all further calls of a connection whose protocol is known: bytes kept of each, or `LEAVE_OUT`. */
  verdict(memory: StreamMemory): number | undefined {
    return this.leavesOut(memory) ? LEAVE_OUT : this.byProtocol.get(memory.protocol ?? 'none');
  }

  /** Whether the call belongs to a request that is left out. To be asked once for each call that moved bytes, in order. */
  leavesOutTurn(memory: StreamMemory, call: CallBytes): boolean {
    const { protocol } = memory;
    if (this.endpoints === undefined || protocol === undefined) return false;
    memory.exchange = this.endpoints.exchangeAt(protocol, call, memory.exchange);
    return memory.exchange?.leftOut ?? false;
  }

  /** Bytes kept of a call's `length`. To be asked once for each, in order. */
  kept(
    length: number,
    ports: Pick<SocketTuple, 'localPort' | 'remotePort'>,
    direction: number,
    memory: StreamMemory,
  ): number {
    let kept = Math.min(length, this.limitOf(ports));
    if (memory.protocol !== undefined) kept = Math.min(kept, this.byProtocol.get(memory.protocol) ?? kept);
    if (this.perTurn === Number.POSITIVE_INFINITY) return kept;
    if (memory.turn?.direction !== direction) memory.turn = { direction, left: this.perTurn };
    kept = Math.min(kept, memory.turn.left);
    memory.turn.left -= kept;
    return kept;
  }

  private limitOf({ localPort, remotePort }: Pick<SocketTuple, 'localPort' | 'remotePort'>): number {
    if (this.byPort.size === 0) return Number.POSITIVE_INFINITY;
    const here = this.byPort.get(localPort) ?? Number.POSITIVE_INFINITY;
    const there = this.byPort.get(remotePort) ?? Number.POSITIVE_INFINITY;
    return Math.min(here, there);
  }

  /** What it takes out, for the header. */
  get phrases(): readonly string[] {
    const limits = [
      ...[...this.byPort].map(([port, bytes]) => limitPhrase(`on port ${port}`, bytes)),
      ...[...this.byProtocol].map(([protocol, bytes]) => limitPhrase(`of ${protocol}`, bytes)),
    ];
    const turn =
      this.perTurn === Number.POSITIVE_INFINITY
        ? []
        : [`payload behind the first ${this.perTurn} bytes that go one way before something comes back`];
    return [...limits, ...turn, ...(this.redactor?.phrases ?? [])];
  }
}

function limitPhrase(where: string, bytes: number): string {
  return bytes === 0 ? `payload ${where}` : `payload ${where} behind the first ${bytes} bytes of a call`;
}

export const KEEP_PAYLOAD = new PayloadPolicy();
