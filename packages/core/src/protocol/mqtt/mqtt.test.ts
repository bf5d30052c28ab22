import { expect, it } from 'vitest';
import { concat } from '../../event/test-scene';
import { mqttPacket as packet, mqttText as text, u16 } from '../test-bytes';
import { converse, outline, type Turn } from '../test-conversation';

const connect = (level: number): Uint8Array =>
  packet(0x10, text('MQTT'), Uint8Array.of(level, 2, 0, 60), level === 5 ? '\0' : '', text('device-7'));

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    'connect, subscribe, publish both ways with the same id',
    [
      ['>', connect(4)],
      ['<', packet(0x20, '\0\0')],
      ['>', packet(0x82, u16(1), text('a/#'), '\x01')],
      ['<', packet(0x90, u16(1), '\x01')],
      ['>', packet(0x32, text('a/b'), u16(7), 'hello')],
      ['<', concat(packet(0x32, text('a/b'), u16(7), 'hello'), packet(0x40, u16(7)))],
      ['>', packet(0x40, u16(7))],
      ['>', packet(0xe0)],
    ],
    ['> device-7', '< 0', '> a/#', '< ok', '> a/b', '> a/b', '< ok', '< ok', '! Disconnect'],
  ],
  [
    'QoS 0 and 2',
    [
      ['>', concat(connect(4), packet(0x30, text('a/b'), 'x'), packet(0x34, text('a/c'), u16(1), 'x'))],
      ['<', concat(packet(0x20, '\0\0'), packet(0x50, u16(1)))],
      ['>', packet(0x62, u16(1))],
      ['<', packet(0x70, u16(1))],
    ],
    ['> device-7', '! a/b', '> a/c', '< 0', '< ok', '> Pubrel', '< ok'],
  ],
  [
    'refused',
    [
      ['>', connect(4)],
      ['<', packet(0x20, '\0\x05')],
    ],
    ['> device-7', '< not authorized'],
  ],
  [
    'version 5: topic alias, reason codes',
    [
      ['>', connect(5)],
      ['<', packet(0x20, '\0\0\0')],
      ['>', packet(0x32, text('a/b'), u16(1), '\x03\x23\0\x01', 'x')],
      ['>', packet(0x32, text(''), u16(2), '\x03\x23\0\x01', 'y')],
      ['<', concat(packet(0x40, u16(1)), packet(0x40, u16(2), '\x97\0'))],
      ['<', packet(0xe0, '\x8b\0')],
    ],
    ['> device-7', '< 0', '> a/b', '> a/b', '< ok', '< quota exceeded', '! Disconnect'],
  ],
];

it.each(TABLE)('mqtt: %s', (_name, turns, expected) => {
  expect(outline(converse(turns).messages)).toEqual(expected);
});

it('mqtt: pings make no spans, user properties carry trace context', () => {
  const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const property = concat('\x26', text('traceparent'), text(trace));
  const { spans } = converse([
    ['>', connect(5)],
    ['<', packet(0x20, '\0\0\0')],
    ['>', packet(0xc0)],
    ['<', packet(0xd0)],
    ['>', packet(0x30, text('a/12/b'), Uint8Array.of(property.length), property, 'x')],
  ]);
  expect(spans.map(({ method, endpoint }) => `${method} ${endpoint}`)).toEqual(['Connect Connect', 'Publish a/{id}/b']);
  expect(spans[1]).toMatchObject({ traceIds: ['0af7651916cd43dd8448eb211c80319c'], version: '5' });
});
