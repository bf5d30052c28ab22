import { expect, it } from 'vitest';
import { concat } from '../../event/test-scene';
import { converse, outline, type Turn } from '../test-conversation';
import { zmtpFrames as zmtp } from '../test-queue-bytes';

const greetings: readonly Turn[] = [
  ['>', zmtp.greeting()],
  ['<', zmtp.greeting()],
];
const ready = (client: string, server: string): readonly Turn[] => [
  ...greetings,
  ['>', zmtp.ready(client)],
  ['<', zmtp.ready(server)],
];

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    'a REQ asks, a REP answers, by order',
    [...ready('REQ', 'REP'), ['>', zmtp.message('', 'a')], ['<', zmtp.message('', 'b')]],
    ['! NULL', '! NULL', '! REQ', '! REP', '> a', '< ok'],
  ],
  [
    'whoever connects: the REP may be the client',
    [
      ...ready('REP', 'DEALER'),
      ['<', concat(zmtp.message('', 'a'), zmtp.message('', 'b'))],
      ['>', zmtp.message('', 'c')],
    ],
    ['! NULL', '! NULL', '! REP', '! DEALER', '> a', '> b', '< ok'],
  ],
  [
    'publications and what is pushed are one-way',
    [...ready('SUB', 'PUB'), ['>', zmtp.command('SUBSCRIBE', 'eu.')], ['<', zmtp.message('eu.7', '{"a":1}')]],
    ['! NULL', '! NULL', '! SUB', '! PUB', '! eu.', '! eu.7'],
  ],
  [
    'version 2.0, with one that knows 3.1',
    [
      ['<', zmtp.greeting2(3, 'me')],
      ['>', concat(zmtp.signature, '\x03', '\x04\0\0')],
      ['<', zmtp.message('', 'a')],
      ['>', zmtp.message('', 'b')],
    ],
    ['! REQ', '! REP', '> a', '< ok'],
  ],
  [
    'PLAIN: the name is shown, the password is not; libzmq spells ERROR in its own way',
    [
      ['>', zmtp.greeting('PLAIN')],
      ['<', zmtp.greeting('PLAIN')],
      ['>', zmtp.command('HELLO', '\x05admin\x06secret')],
      ['<', zmtp.frame(4, '^RROR\x03400')],
      ['<', zmtp.command('ERROR', '\x03300')],
    ],
    ['! PLAIN', '! PLAIN', '! admin', '! ERROR', '! ERROR'],
  ],
  [
    'from the middle, a command makes it known',
    [
      ['>', zmtp.command('SUBSCRIBE', 'eu.')],
      ['<', zmtp.message('eu.7', 'x'.repeat(400))],
    ],
    ['! eu.', '! eu.7'],
  ],
];

it.each(TABLE)('zmtp: %s', (_name, turns, expected) => {
  expect(outline(converse(turns).messages)).toEqual(expected);
});

it('zmtp: endpoints have no ids, errors a status, pings no span', () => {
  const { messages, spans } = converse([
    ...ready('SUB', 'PUB'),
    [
      '<',
      concat(zmtp.message('prices/4711', '\0\x01'), zmtp.command('PING', '\0\x0a'), zmtp.command('ERROR', '\x03500')),
    ],
  ]);
  expect(messages[4]!.fields).toMatchObject({
    method: 'PUB',
    endpoint: 'prices/{id}',
    resource: 'prices/4711',
    version: '3.1',
  });
  expect(messages[5]!.fields).toMatchObject({ method: 'PING', heartbeat: true });
  expect(messages[6]!.fields).toMatchObject({ status: 'server_error', statusCode: 500, exception: '500' });
  expect(spans).toHaveLength(6);
});
