import { describe, expect, it } from 'vitest';
import { concat } from '../event/test-scene';
import type { QueueMessages } from '../message/message';
import { amqpFrames as amqp, kafkaFrames as kafka, mqttPacket, mqttText, u16, u32 } from './test-bytes';
import { converse, type Turn } from './test-conversation';

/** Names on the spans of a conversation, as `action basis value`. */
function namesOf(turns: readonly Turn[], cut?: (bytes: Uint8Array) => Uint8Array[]): string[] {
  const { spans } = converse(turns, cut && { cut });
  const all = spans
    .map(({ queueMessages }) => queueMessages)
    .filter((some): some is QueueMessages => some !== undefined);
  return all.flatMap(({ action, names }) => names.map(({ basis, value }) => `${action} ${basis} ${value}`));
}

const withoutAction = (names: readonly string[]) => names.map((name) => name.slice(name.indexOf(' ') + 1));

/** A record batch (magic 2) at an offset, with a checksum; the records themselves do not matter. */
function batch(offset: number, crc: number): Uint8Array {
  const rest = '\0'.repeat(40);
  return concat(u32(0), u32(offset), u32(9 + rest.length), u32(0), '\x02', u32(crc), rest);
}

const produce = (records: Uint8Array): Uint8Array =>
  kafka.request(0, 2, 1, u16(1), u32(1500), u32(1), kafka.text('orders'), u32(1), u32(3), u32(records.length), records);
const produced = (offset: number): Uint8Array =>
  kafka.response(1, u32(1), kafka.text('orders'), u32(1), u32(3), u16(0), u32(0), u32(offset), u32(0), u32(0), u32(0));
const fetch = kafka.request(
  1,
  4,
  2,
  u32(0xffffffff),
  u32(500),
  u32(1),
  u32(1),
  '\0',
  u32(1),
  kafka.text('orders'),
  u32(1),
  u32(3),
  u32(0),
  u32(0),
  u32(1),
);
const fetched = (...batches: Uint8Array[]): Uint8Array => {
  const records = concat(...batches);
  const partition = concat(u32(3), u16(0), u32(0), u32(9), u32(0), u32(9), u32(0), u32(records.length), records);
  return kafka.response(2, u32(0), u32(1), kafka.text('orders'), u32(1), partition);
};

const BODY = 'x'.repeat(700);
/** Flags: correlation id, message id. */
const PROPERTIES = concat(u16(0x0480), '\x02c1', '\x02m1');
const content = concat(amqp.frame(2, 1, u16(60), u16(0), u32(0), u32(BODY.length), PROPERTIES), amqp.body(1, BODY));
const deliver = amqp.method(1, 60, 60, '\x01t', '\0'.repeat(8), '\0', '\x01x', '\x01k');
/** Version 5; property 9 is the correlation data. */
const correlated = concat('\x05\x09', u16(2), '\x01\x02');
const mqttConnect = mqttPacket(0x10, mqttText('MQTT'), Uint8Array.of(5, 2, 0, 60), '\0', mqttText('device-7'));

const CASES: readonly (readonly [string, readonly Turn[], readonly Turn[], readonly string[]])[] = [
  [
    'kafka: checksum in the request, offset in its answer; both at the fetch, of every batch',
    [
      ['>', produce(batch(0, 0xdeadbeef))],
      ['<', produced(42)],
    ],
    [
      ['>', fetch],
      ['<', fetched(batch(41, 0x1), batch(42, 0xdeadbeef))],
    ],
    ['content kafka batch deadbeef 49', 'position kafka orders-3@42'],
  ],
  [
    'amqp: ids from the properties, content from exchange, key and body',
    [['>', concat('AMQP\0\0\x09\x01', amqp.publish(1, 'x', 'k'), content)]],
    [
      ['>', 'AMQP\0\0\x09\x01'],
      ['<', concat(deliver, content)],
    ],
    ['id amqp x.k message m1', 'id amqp x.k correlation c1', 'content amqp x.k'],
  ],
  [
    'nats: the id that the publisher gave, the inbox of the reply, and the payload',
    [['>', 'HPUB a.b _INBOX.7 28 33\r\nNATS/1.0\r\nNats-Msg-Id: 9\r\n\r\nhello\r\n']],
    [
      ['>', 'SUB a.* 1\r\n'],
      ['<', 'HMSG a.b 1 _INBOX.7 28 33\r\nNATS/1.0\r\nNats-Msg-Id: 9\r\n\r\nhello\r\n'],
    ],
    ['id nats a.b 9', 'id nats a.b _INBOX.7', 'content nats a.b'],
  ],
  [
    'mqtt: correlation data, topic and payload',
    [['>', concat(mqttConnect, mqttPacket(0x30, mqttText('a/b'), correlated, 'hello'))]],
    [
      ['>', mqttConnect],
      ['<', mqttPacket(0x32, mqttText('a/b'), u16(4), correlated, 'hello')],
    ],
    ['id mqtt a/b 0102', 'content mqtt a/b'],
  ],
];

describe.each(CASES)('%s', (_name, publish, consume, expected) => {
  it('gives a message the same names where it goes in and where it comes out', () => {
    const [sent, taken] = [namesOf(publish), namesOf(consume)];
    expect(sent.every((name) => name.startsWith('publish '))).toBe(true);
    expect(taken.every((name) => /^(deliver|fetch) /.test(name))).toBe(true);
    expect(withoutAction(sent)).toHaveLength(expected.length);
    for (const [i, name] of withoutAction(sent).entries()) expect(name).toContain(expected[i]);
    expect(withoutAction(taken)).toEqual(expect.arrayContaining(withoutAction(sent)));
  });

  it('does not depend on how the bytes come', () => {
    const bytewise = (bytes: Uint8Array) => Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
    expect(namesOf(publish, bytewise)).toEqual(namesOf(publish));
    expect(namesOf(consume, bytewise)).toEqual(namesOf(consume));
  });
});

it('other content, another place: another name', () => {
  const published = (text: string, subject = 'a') =>
    namesOf([['>', `PUB ${subject} ${text.length}\r\n${text}\r\n`]])[0];
  const names = [published('one'), published('two'), published('one', 'b'), published('one\0')];
  expect(new Set(names).size).toBe(4);
});

it('a payload that the capture cut has no name by its content', () => {
  const turns: readonly Turn[] = [['>', `PUB a 600\r\n${BODY.slice(0, 600)}\r\n`]];
  const { spans } = converse(turns, { options: { limit: 64 } });
  expect(spans.map(({ queueMessages }) => queueMessages)).toEqual([undefined]);
});
