import { expect, it } from 'vitest';
import { latin1, Scene, socket, thread } from '../../event/test-scene';
import { converse, outline, type Turn } from '../test-conversation';

const info = 'INFO {"server_id":"S","version":"2.10.7","max_payload":1048576}\r\n';
const connect = 'CONNECT {"verbose":false}\r\n';

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    'the server asks first',
    [
      ['<', info],
      ['>', `${connect}PING\r\n`],
      ['<', 'PONG\r\n'],
      ['<', 'PING\r\n'],
      ['>', 'PONG\r\n'],
    ],
    ['> INFO', '< ok', '> PING', '< ok', '> PING', '< ok'],
  ],
  [
    'publish and subscribe',
    [
      ['>', 'sub a.* 1\r\nPUB a.b inbox.1 5\r\nhello\r\nPUB c 0\r\n\r\n'],
      ['<', 'MSG a.b 1 inbox.1 5\r\nhello\r\n-ERR \'Permissions Violation for Publish to "c"\'\r\n'],
      ['>', 'UNSUB 1 3\r\n'],
    ],
    ['! a.*', '! a.b', '! c', '! a.b', '! ERR', '! 1'],
  ],
  [
    'headers and a status without a payload',
    [
      ['>', 'HPUB a 22 27\r\nNATS/1.0\r\nBar: Baz\r\n\r\nhello\r\n'],
      ['<', 'HMSG inbox.1 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n'],
    ],
    ['! a', '! inbox.1'],
  ],
  [
    'text of other protocols is not taken',
    [
      ['>', 'SUBJECT: hello\r\n'],
      ['<', '-ERR unknown\r\n'],
    ],
    [],
  ],
];

it.each(TABLE)('nats: %s', (_name, turns, expected) => {
  expect(outline(converse(turns).messages)).toEqual(expected);
});

it('nats: pings make no spans, headers carry trace context', () => {
  const headers = 'NATS/1.0\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n';
  const { spans } = converse([
    ['<', info],
    ['>', `${connect}PING\r\n`],
    ['<', 'PONG\r\n'],
    ['>', `HPUB a.7 ${headers.length} ${headers.length + 1}\r\n${headers}x\r\n`],
  ]);
  expect(spans.map(({ method, endpoint }) => `${method} ${endpoint}`)).toEqual(['INFO INFO', 'HPUB a']);
  expect(spans[1]).toMatchObject({ traceIds: ['0af7651916cd43dd8448eb211c80319c'], oneway: true, version: '2.10.7' });
});

it('nats: goes on within a call after the rest of another call was not captured', () => {
  const scene = new Scene();
  const s = socket('s');
  const message = (subject: string) => `MSG ${subject} 1 8\r\npayload!\r\n`;
  scene.read(s, thread(7), latin1(`${connect}SUB a 1\r\n`));
  // Of three messages, and the head of the fourth, the capture has little more than the first.
  const first = latin1(message('a') + message('b') + message('c') + message('d').slice(0, 14));
  scene.write(s, thread(7), first, { limit: 30 });
  scene.write(s, thread(7), latin1(message('d').slice(14) + message('e') + message('f')));
  scene.run();
  expect(outline(scene.messages)).toEqual(['< ok', '! a', '! a', '! e', '! f']);
});
