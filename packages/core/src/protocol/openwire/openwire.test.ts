import { describe, expect, it } from 'vitest';
import { concat } from '../../event/test-scene';
import { converse, essence, outline, type Turn } from '../test-conversation';
import { openwireFrames, TRACEPARENT } from '../test-queue-bytes';

describe.each([
  [true, true],
  [true, false],
  [false, true],
  [false, false],
])('openwire: tight %s, cached %s', (tight, cache) => {
  const frames = openwireFrames(tight, cache);
  const conversation: readonly Turn[] = [
    ['>', frames.handshake(11)],
    ['<', frames.handshake()],
    ['>', frames.connect(1)],
    ['<', frames.response(1)],
    ['>', concat(frames.send(2, 'orders', true, { traceparent: TRACEPARENT }), frames.send(3, 'orders', false))],
    ['<', frames.exception(2, 'javax.jms.JMSException', 'queue is full')],
    ['<', concat(frames.dispatch('orders'), frames.keepAlive())],
    ['>', frames.shutdown(4)],
  ];

  it('pairs answers by number; what asks for none is one-way', () => {
    expect(outline(converse(conversation).messages)).toEqual([
      '! x',
      '! x',
      '> client-1',
      '< ok',
      '> orders',
      '! orders',
      '< queue is full',
      '! orders',
      '! KeepAliveInfo',
      '! ShutdownInfo',
    ]);
  });

  it('knows destination, version, trace context and number', () => {
    const { messages, spans } = converse(conversation);
    expect(messages[4]!.fields).toMatchObject({
      method: 'ActiveMQTextMessage',
      endpoint: 'orders',
      version: '11',
      requestId: 2,
      traceIds: ['0af7651916cd43dd8448eb211c80319c'],
    });
    expect(messages[7]!.fields).toMatchObject({
      method: 'MessageDispatch',
      requestId: 5,
      spanId: 'b7ad6b7169203331',
      status: 'ok',
    });
    expect(spans.map(({ method }) => method)).not.toContain('KeepAliveInfo');
    expect(spans.find(({ requestId }) => requestId === 2)).toMatchObject({ status: 'server_error' });
  });

  it('may be cut anywhere', () => {
    const whole = converse(conversation).messages.map(essence);
    for (const size of [1, 2, 3, 5, 7, 11, 64]) {
      const cut = (bytes: Uint8Array): Uint8Array[] =>
        Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.slice(i * size, (i + 1) * size));
      expect(converse(conversation, { cut }).messages.map(essence)).toEqual(whole);
    }
  });

  it('is recognised in the middle of a connection, from either side', () => {
    const fromClient = converse([['>', frames.send(2, 'orders', true, { traceparent: TRACEPARENT })]]);
    expect(fromClient.messages.map(({ fields }) => fields.endpoint)).toEqual(['orders']);
    expect(fromClient.messages[0]!.fields.traceIds).toHaveLength(1);
    const fromServer = converse([['<', frames.dispatch('orders')]]);
    expect(fromServer.messages.map(({ fields }) => fields.resource)).toEqual(['orders']);
  });
});

it('openwire: what was sent before is known by its number, until bytes are lost', () => {
  const frames = openwireFrames(true, true);
  const turns: readonly Turn[] = [
    ['>', frames.handshake()],
    ['<', frames.handshake()],
    ['>', frames.send(1, 'orders', true)],
    ['<', frames.response(1)],
    ['>', frames.sendAgain(2)],
  ];
  expect(converse(turns).messages.at(-1)!.fields).toMatchObject({ endpoint: 'orders', requestId: 2 });
});

it('openwire: without sizes there is nothing to go by', () => {
  const said = (bytes: Uint8Array): Uint8Array => {
    const at = bytes.findIndex((_, i) => String.fromCharCode(...bytes.slice(i, i + 18)) === 'SizePrefixDisabled');
    bytes[at + 19] = 1;
    return bytes;
  };
  const frames = openwireFrames(false, false);
  const { messages } = converse([
    ['>', said(frames.handshake())],
    ['<', said(frames.handshake())],
    ['>', frames.connect(1).slice(4)],
  ]);
  expect(messages).toHaveLength(2);
});
