import { answersInOrder, L7_PROTOCOLS, type L7Protocol, type RequestName, requestsIn } from '@causeway/core';
import type { CallBytes } from './payload-policy';

/** Requests of one protocol, by what they ask for. */
export interface EndpointPattern {
  readonly protocol: L7Protocol;
  /** As in the header of a capture: with the protocol. */
  readonly text: string;
  readonly form: RegExp;
}

/** Of a connection: which turn it is in, from one request of the client to the next. */
export interface ExchangeMemory {
  /** The way requests go. */
  readonly direction: number;
  readonly leftOut: boolean;
  answered: boolean;
}

const DEFAULT_PROTOCOL = 'http';

/**
 * `GET /health*`, or for another protocol than HTTP `redis:PING`; `*` stands for anything. Throws an `Error` that says what is wrong
 * with it.
 */
export function parseEndpointPattern(text: string): EndpointPattern {
  const [, prefix] = /^([a-z0-9]+):/.exec(text) ?? [];
  const isNamed = prefix !== undefined && L7_PROTOCOLS.some((known) => known === prefix);
  const protocol = isNamed ? prefix : DEFAULT_PROTOCOL;
  const pattern = isNamed ? text.slice(prefix.length + 1) : text;
  if (pattern.trim() === '') throw new Error('It takes a pattern such as "GET /health*".');
  if (!answersInOrder(protocol)) {
    const possible = L7_PROTOCOLS.filter(answersInOrder).join(', ');
    throw new Error(`Requests can be left out of connections that answer them in order: ${possible}.`);
  }
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return { protocol, text: `${protocol}:${pattern}`, form: new RegExp(`^${parts.join('.*')}$`, 's') };
}

/**
 * Leaves out turns of a connection: a request, its answer and what else goes by until the next request. Only what begins a call can
 * begin a turn, and only once the turn before was answered: what a client sends ahead shares the fate of the request before, as
 * which answer is whose could not be told afterwards.
 */
export class EndpointFilter {
  private readonly protocols: ReadonlySet<L7Protocol>;

  constructor(
    /** Of the protocols they name, no other requests are recorded. */
    readonly only: readonly EndpointPattern[],
    readonly excluded: readonly EndpointPattern[],
  ) {
    this.protocols = new Set([...only, ...excluded].map(({ protocol }) => protocol));
  }

  get isEmpty(): boolean {
    return this.protocols.size === 0;
  }

  /** To be asked for each call of a connection that moved bytes, in order. `before`: what it answered last. */
  exchangeAt(protocol: L7Protocol, call: CallBytes, before: ExchangeMemory | undefined): ExchangeMemory | undefined {
    if (!this.protocols.has(protocol)) return undefined;
    if (before !== undefined && call.direction !== before.direction) before.answered = true;
    else if (before === undefined || before.answered) return this.begin(protocol, call) ?? before;
    return before;
  }

  private begin(protocol: L7Protocol, call: CallBytes): ExchangeMemory | undefined {
    const { bytes, from, length, moved, direction, transport } = call;
    const requests = requestsIn(protocol, bytes, from, from + length, moved > length, transport);
    if (requests === undefined) return undefined;
    // Several in one call are answered together, so they are left out together or not at all.
    return { direction, answered: false, leftOut: !requests.some((request) => this.keeps(protocol, request)) };
  }

  private keeps(protocol: L7Protocol, request: RequestName): boolean {
    const names = namesOf(request);
    const asks = (pattern: EndpointPattern) => pattern.protocol === protocol;
    const fits = ({ form }: EndpointPattern) => names.some((name) => form.test(name));
    const only = this.only.filter(asks);
    return (only.length === 0 || only.some(fits)) && !this.excluded.filter(asks).some(fits);
  }
}

/** What patterns are compared with: `/health` and `GET /health`. */
function namesOf({ method = '', endpoint = '' }: RequestName): readonly string[] {
  return [endpoint, `${method} ${endpoint}`.trim()].filter((name) => name !== '');
}
