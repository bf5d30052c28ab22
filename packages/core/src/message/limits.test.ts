import { expect, it } from 'vitest';
import { Scene, socket, thread } from '../event/test-scene';
import type { ProtocolParser } from '../protocol/protocol-parser';
import { MAX_CHANNELS, MAX_PENDING_BYTES, MAX_WAITING } from '../stream/limits';

/** Every byte is a unit: `(` begins a message on a channel of its own that nothing ends, `?` is a request, `#` never ends. */
const endless: ProtocolParser = {
  protocol: 'endless',
  transports: ['tcp'],
  pairing: 'order',
  infer: (cursor) => (cursor.peek() === 0x40 ? 'request' : 'no'),
  open: () => {
    let channel = 0;
    return {
      parse(cursor, _fromClient, unit) {
        const byte = cursor.u8();
        if (byte === 0x23) return 'more';
        if (byte !== 0x28) return unit.whole('request', {}, 1);
        unit.length = 1;
        unit.begins = 'request';
        unit.fields = {};
        unit.channel = ++channel;
        return 'unit';
      },
      resume: () => undefined,
    };
  },
};

function replay(text: string) {
  const scene = new Scene();
  scene.read(socket('s'), thread(1), '@');
  for (let at = 0; at < text.length; at += 1000) scene.read(socket('s'), thread(1), text.slice(at, at + 1000));
  const coverage = scene.run({ ownParsers: [endless] });
  return { coverage, messages: scene.messages, spans: scene.spans };
}

it('keeps a bounded number of open messages, and counts what that cost', () => {
  expect(replay('('.repeat(MAX_CHANNELS)).coverage.limitsReached).toBe(0);
  const { coverage, messages } = replay('('.repeat(MAX_CHANNELS + 3));
  expect(coverage.limitsReached).toBe(3);
  expect(messages).toHaveLength(1 + MAX_CHANNELS + 3);
});

it('keeps a bounded number of requests that wait', () => {
  expect(replay('?'.repeat(MAX_WAITING - 1)).coverage.limitsReached).toBe(0);
  const { coverage, spans } = replay('?'.repeat(MAX_WAITING + 4));
  expect(coverage.limitsReached).toBe(5);
  expect(spans.slice(0, 5).map(({ incomplete }) => incomplete)).toEqual(new Array(5).fill('no-response-seen'));
});

it('keeps a bounded number of bytes of a message that does not end', () => {
  expect(replay('#'.repeat(MAX_PENDING_BYTES)).coverage).toMatchObject({ limitsReached: 0, lostBytes: 0 });
  const { coverage } = replay('#'.repeat(MAX_PENDING_BYTES + 1));
  expect(coverage).toMatchObject({ limitsReached: 1, lostBytes: MAX_PENDING_BYTES + 1 });
});
