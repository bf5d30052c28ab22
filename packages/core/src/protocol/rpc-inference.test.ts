import { describe, expect, it } from 'vitest';
import { Cursor } from '../base/cursor';
import { latin1, socket } from '../event/test-scene';
import { PARSERS } from './registry';
import { converse, type Turn } from './test-conversation';
import { CONVERSATIONS } from './test-conversations';
import { RPC_CONVERSATIONS } from './test-conversations-rpc';

const bytesOf = ([, data]: Turn): Uint8Array => (typeof data === 'string' ? latin1(data) : data);
const sure = (bytes: Uint8Array, cut: boolean): string[] =>
  PARSERS.filter(({ transports }) => transports.includes('tcp'))
    .filter((parser) => {
      const verdict = parser.infer(new Cursor().reset(bytes, 0, bytes.length, cut), { transport: 'tcp' });
      return verdict === 'request' || verdict === 'response';
    })
    .map(({ protocol }) => protocol);

describe.each(Object.keys(RPC_CONVERSATIONS))('%s', (protocol) => {
  it('takes no bytes of another protocol for its own', () => {
    for (const [other, turns] of Object.entries(CONVERSATIONS)) {
      if (other === protocol) continue;
      for (const turn of turns) {
        expect(sure(bytesOf(turn), false), other).not.toContain(protocol);
        expect(sure(bytesOf(turn), true), other).not.toContain(protocol);
      }
    }
  });

  it('is taken for no other', () => {
    for (const turn of RPC_CONVERSATIONS[protocol]!) expect(sure(bytesOf(turn), false)).toEqual([protocol]);
  });

  it('is recognised from any turn on, and knows who asks', () => {
    const turns = RPC_CONVERSATIONS[protocol]!;
    const whole = converse(turns).messages;
    const on = socket('s', { role: 'unknown', preexisting: true });
    for (const from of turns.keys()) {
      const seen = converse(turns.slice(from), { on }).messages;
      const expected = whole.slice(whole.length - seen.length);
      expect(seen.length, `from turn ${from}`).toBeGreaterThan(0);
      expect(seen.map(({ type, direction }) => [type, direction])).toEqual(
        expected.map(({ type, direction }) => [type, direction]),
      );
    }
  });
});
