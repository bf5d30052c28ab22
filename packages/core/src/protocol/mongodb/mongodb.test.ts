import { expect, it } from 'vitest';
import { concat } from '../../event/test-scene';
import { bson, mongo } from '../test-bytes';
import { converse, outline, type Turn } from '../test-conversation';

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    'pairs by id',
    [
      ['>', concat(mongo.msg(1, 0, { find: 'a', $db: 'd' }), mongo.msg(2, 0, { find: 'b', $db: 'd' }))],
      ['<', concat(mongo.msg(9, 2, { ok: 0, code: 59, errmsg: 'no such command' }), mongo.msg(10, 1, { ok: 1 }))],
    ],
    ['> { "find": "a", "$db": "d" }', '> { "find": "b", "$db": "d" }', '< no such command', '< 0'],
  ],
  [
    'more to come: unacknowledged writes, and replies that follow one another',
    [
      ['>', mongo.msg(1, 0, { insert: 'a', $db: 'd' }, 2)],
      ['>', mongo.msg(2, 0, { hello: 1, $db: 'd' })],
      ['<', mongo.msg(20, 2, { ok: 1 }, 2)],
      ['<', mongo.msg(21, 20, { ok: 1 })],
    ],
    ['! { "insert": "a", "$db": "d" }', '> { "hello": 1, "$db": "d" }', '< 0', '! OP_MSG'],
  ],
  [
    'the old query',
    [
      ['>', mongo.message(1, 0, 2004, '\0\0\0\0shop.items\0\0\0\0\0\0\0\0\0', bson({ a: 1 }))],
      ['<', mongo.message(7, 1, 1, '\0'.repeat(16), '\x01\0\0\0', bson({ a: 1 }))],
    ],
    ['> { "a": 1 }', '< 0'],
  ],
  [
    'passwords are not shown',
    [['>', mongo.msg(1, 0, { createUser: 'u', pwd: 'secret', $db: 'd' })]],
    ['> { "createUser": "u", "pwd": …, "$db": "d" }'],
  ],
];

it.each(TABLE)('mongodb: %s', (_name, turns, expected) => {
  expect(outline(converse(turns).messages)).toEqual(expected);
});

it('mongodb: names command, collection and database', () => {
  const [message] = converse([['>', mongo.msg(1, 0, { find: 'items', $db: 'shop' })]]).messages;
  expect(message!.fields).toMatchObject({ endpoint: 'find items', domain: 'shop', requestId: 1 });
});

it('mongodb: an error is read whole, though its text be long, and the one behind an acknowledged write too', () => {
  const text = 'x'.repeat(9000);
  const reply = mongo.msg(9, 1, { ok: 0, errmsg: text, code: 11000 });
  const concern = bson({ code: 64, errmsg: 'waiting for replication timed out' });
  const document = concat('\x10n\0\x01\0\0\0', '\x03writeConcernError\0', concern, '\0');
  const late = mongo.message(10, 2, 2013, '\0\0\0\0\0', Uint8Array.of(document.length + 4, 0, 0, 0), document);
  const { messages } = converse(
    [
      ['>', concat(mongo.msg(1, 0, { insert: 'a', $db: 'd' }), mongo.msg(2, 0, { insert: 'a', $db: 'd' }))],
      ['<', concat(reply, late)],
    ],
    { cut: (bytes) => [bytes.slice(0, 5000), bytes.slice(5000)] },
  );
  expect(messages[2]!.fields).toMatchObject({ statusCode: 11000, exception: text, status: 'client_error' });
  expect(messages[3]!.fields).toMatchObject({ statusCode: 64, exception: 'waiting for replication timed out' });
});
