import type { InferenceContext, MutableFields, Unit } from './protocol-parser';

/** Calls that may wait for an answer at once; the oldest beyond are forgotten. */
const MAX_WAITING = 4096;

interface Call {
  readonly method: string | undefined;
  readonly endpoint: string | undefined;
  readonly heartbeat: boolean;
}

/**
 * The calls of a connection that wait, for protocols whose answers carry an id but do not name the call. Either side may
 * call, each with ids of its own.
 */
export class CallMemory {
  private readonly waiting = new Map<number, Call>();

  /** A whole call; one-way when it asks for no answer. */
  call(fields: MutableFields, fromClient: boolean, oneWay: boolean, unit: Unit, length: number): 'unit' {
    if (oneWay) return unit.whole('oneway', fields, length);
    const key = keyOf(fields, fromClient);
    if (this.waiting.size >= MAX_WAITING && !this.waiting.has(key)) {
      for (const oldest of this.waiting.keys()) {
        this.waiting.delete(oldest);
        break;
      }
    }
    this.waiting.set(key, { method: fields.method, endpoint: fields.endpoint, heartbeat: fields.heartbeat === true });
    return unit.whole('request', fields, length);
  }

  /** A whole answer: method and endpoint are those of its call, unless it names its own. */
  answer(fields: MutableFields, fromClient: boolean, unit: Unit, length: number): 'unit' {
    const key = keyOf(fields, !fromClient);
    const call = this.waiting.get(key);
    if (call !== undefined) {
      this.waiting.delete(key);
      if (call.method !== undefined) fields.method ??= call.method;
      if (call.endpoint !== undefined) fields.endpoint ??= call.endpoint;
      if (call.heartbeat) fields.heartbeat = true;
    }
    return unit.whole('response', fields, length);
  }
}

/** The client's ids count upwards from 0, the server's downwards from −1. */
function keyOf(fields: MutableFields, byClient: boolean): number {
  const id = fields.pairingKey ?? fields.requestId ?? 0;
  if (byClient) return id;
  fields.pairingKey = -1 - id;
  return fields.pairingKey;
}

/** Where either side may call, the roles tell who speaks; before they are known, the one who calls is taken for the client. */
export function sideOf(context: InferenceContext, calls: boolean): 'request' | 'response' {
  return (context.fromClient ?? calls) ? 'request' : 'response';
}
