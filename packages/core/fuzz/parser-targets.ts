import { Cursor } from '../src/base/cursor';
import { concat, latin1 } from '../src/event/test-scene';
import { guarded } from '../src/protocol/guarded-parser';
import { type ConnectionParser, type ProtocolParser, Unit } from '../src/protocol/protocol-parser';
import { PARSERS } from '../src/protocol/registry';
import type { Turn } from '../src/protocol/test-conversation';
import { CONVERSATIONS } from '../src/protocol/test-conversations';
import type { FuzzTarget } from '../src/testing/fuzz-target';

/**
 * An input is a conversation: turns of a flags byte, a length u16 and so many bytes, the last one as long as it may be.
 * Flags: 1 = the client speaks, 2 = the rest of the turn was not captured.
 */
const FROM_CLIENT = 1;
const CUT = 2;
const HEAD_BYTES = 3;
const MAX_BYTES = 1024;

function encode(turns: readonly Turn[]): Uint8Array {
  return concat(
    ...turns.flatMap(([side, data]) => {
      const bytes = typeof data === 'string' ? latin1(data) : data;
      return [Uint8Array.of(side === '>' ? FROM_CLIENT : 0, bytes.length >> 8, bytes.length & 0xff), bytes];
    }),
  );
}

const cursor = new Cursor();
const unit = new Unit();

/** Reads what is there of one direction, as the message reader does. Returns the bytes of a unit that is not whole. */
function read(
  parser: ProtocolParser,
  connection: ConnectionParser,
  bytes: Uint8Array,
  fromClient: boolean,
  cut: boolean,
): Uint8Array {
  for (let at = 0; at < bytes.length; ) {
    const outcome = connection.parse(cursor.reset(bytes, at, bytes.length, cut), fromClient, unit.reset());
    if (cursor.position > cursor.end) throw new Error('the parser moved past the end');
    if (outcome === 'more' && !cut) return bytes.slice(at);
    if (outcome !== 'unit') {
      const verdict = parser.infer(cursor.reset(bytes, 0, bytes.length, cut), {
        transport: parser.transports[0]!,
        fromClient,
      });
      if (verdict === 'request' || verdict === 'response') connection.resume(fromClient);
      return new Uint8Array(0);
    }
    at += unit.length;
    if (unit.extent !== 'known') return new Uint8Array(0);
  }
  return new Uint8Array(0);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

function converse(definition: ProtocolParser, data: Uint8Array): void {
  // What a user's own parser may not answer, none of ours may.
  const parser = guarded(definition, (error) => {
    throw error;
  });
  const transport = parser.transports[0]!;
  const connection = parser.open(transport);
  const pending = [new Uint8Array(0), new Uint8Array(0)];
  for (let at = 0; at + HEAD_BYTES <= data.length; ) {
    const flags = data[at]!;
    const length = (data[at + 1]! << 8) | data[at + 2]!;
    const fromClient = (flags & FROM_CLIENT) !== 0;
    const cut = (flags & CUT) !== 0;
    const side = fromClient ? 1 : 0;
    const piece = data.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
    const before = pending[side]!;
    const bytes = before.length === 0 ? piece : joined(before, piece);
    parser.infer(cursor.reset(bytes, 0, bytes.length, cut), { transport });
    pending[side] = read(parser, connection, bytes, fromClient, cut) as Uint8Array<ArrayBuffer>;
    at += HEAD_BYTES + length;
  }
}

/** Beginnings for parsers without a test conversation: a TLS ClientHello's first bytes. */
const STARTS: Readonly<Record<string, readonly Turn[]>> = {
  tls: [['>', Uint8Array.of(22, 3, 1, 0, 44, 1, 0, 0, 40, 3, 3, ...new Uint8Array(32), 0, 0, 2, 0x13, 1, 1, 0)]],
};

/** One for each parser of the registry; the seeds are its own test conversations, whole and cut. */
export const targets: readonly FuzzTarget[] = PARSERS.map((parser) => {
  const own = Object.entries(CONVERSATIONS).filter(([name]) => name.startsWith(parser.protocol));
  const seeds = [
    ...own.map(([, turns]) => turns),
    ...(STARTS[parser.protocol] === undefined ? [] : [STARTS[parser.protocol]!]),
  ]
    .map(encode)
    .map((seed) => seed.subarray(0, MAX_BYTES));
  const cut = seeds.map((seed) => Uint8Array.from(seed, (byte, i) => (i === 0 ? byte | CUT : byte)));
  return {
    name: parser.protocol,
    maxBytes: MAX_BYTES,
    seeds: [...seeds, ...cut],
    run: (data) => converse(parser, data),
  };
});
