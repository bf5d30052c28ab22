import type { MessageStatus } from '../../message/message';

/** CONNACK return codes of MQTT 3.1.1, table 3.1. */
const RETURN_CODES = [
  '',
  'unacceptable protocol version',
  'identifier rejected',
  'server unavailable',
  'bad user name or password',
  'not authorized',
];
const SERVER_UNAVAILABLE = 3;

/** Reason codes of MQTT 5, section 2.4; below 128 all went well. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [0x80, 'unspecified error'],
  [0x81, 'malformed packet'],
  [0x82, 'protocol error'],
  [0x83, 'implementation specific error'],
  [0x84, 'unsupported protocol version'],
  [0x85, 'client identifier not valid'],
  [0x86, 'bad user name or password'],
  [0x87, 'not authorized'],
  [0x88, 'server unavailable'],
  [0x89, 'server busy'],
  [0x8a, 'banned'],
  [0x8b, 'server shutting down'],
  [0x8c, 'bad authentication method'],
  [0x8d, 'keep alive timeout'],
  [0x8e, 'session taken over'],
  [0x8f, 'topic filter invalid'],
  [0x90, 'topic name invalid'],
  [0x91, 'packet identifier in use'],
  [0x92, 'packet identifier not found'],
  [0x93, 'receive maximum exceeded'],
  [0x94, 'topic alias invalid'],
  [0x95, 'packet too large'],
  [0x96, 'message rate too high'],
  [0x97, 'quota exceeded'],
  [0x98, 'administrative action'],
  [0x99, 'payload format invalid'],
  [0x9a, 'retain not supported'],
  [0x9b, 'QoS not supported'],
  [0x9c, 'use another server'],
  [0x9d, 'server moved'],
  [0x9e, 'shared subscriptions not supported'],
  [0x9f, 'connection rate exceeded'],
  [0xa0, 'maximum connect time'],
  [0xa1, 'subscription identifiers not supported'],
  [0xa2, 'wildcard subscriptions not supported'],
]);
const SERVER_REASONS: ReadonlySet<number> = new Set([0x80, 0x83, 0x88, 0x89, 0x8b, 0x98, 0x9c, 0x9d, 0xa0]);

/** What a code means in a protocol level (5, or one below). */
export function codeOf(code: number, level: number): { status: MessageStatus; text: string } {
  if (level < 5 && code < 0x80) {
    if (code === 0) return { status: 'ok', text: '' };
    const text = RETURN_CODES[code] ?? `return code ${code}`;
    return { status: code === SERVER_UNAVAILABLE ? 'server_error' : 'client_error', text };
  }
  if (code < 0x80) return { status: 'ok', text: '' };
  const text = REASONS.get(code) ?? `reason code ${code}`;
  return { status: SERVER_REASONS.has(code) ? 'server_error' : 'client_error', text };
}
