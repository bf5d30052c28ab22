import { describe, expect, it } from 'vitest';
import { Direction, EventFlag } from '../event/event-block';
import { Scene, STEP, socket, thread } from '../event/test-scene';
import { command, dnsMessage } from '../protocol/test-bytes';
import { outline } from '../protocol/test-conversation';

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: shop.test\r\nX-Request-ID: r1\r\n\r\n`;
const ok = (body = 'hello') => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const server = thread(7);
const s = socket('s');

/** One line for each span: tap side, what was asked, how it went. */
function lines({ spans }: Scene): string[] {
  return spans.map(({ tapSide, resource, statusCode, incomplete }) =>
    `${tapSide} ${resource ?? '?'} ${incomplete ?? statusCode ?? ''}`.trim(),
  );
}

describe('pipeline', () => {
  it('makes one span of a request that is answered, as soon as it is', () => {
    const scene = new Scene();
    scene.read(s, server, get('/products/17?x=1')).write(s, server, ok());
    scene.run({ end: false });
    expect(scene.messages.map(({ type, tcpSeq }) => [type, tcpSeq])).toEqual([
      ['request', 1000],
      ['response', 2000],
    ]);
    expect(scene.spans).toHaveLength(1);
    expect(scene.spans[0]).toMatchObject({
      tapSide: 's-p',
      protocol: 'http',
      messageType: 'session',
      method: 'GET',
      resource: '/products/17?x=1',
      endpoint: '/products/{id}',
      domain: 'shop.test',
      statusCode: 200,
      status: 'ok',
      xRequestIdRequest: 'r1',
      start: 1.1 * STEP,
      end: 2 * STEP,
      firstResponseByte: 2 * STEP,
      systraceIdRequest: 1,
      systraceIdResponse: 1,
      requestEvents: [0],
      responseEvents: [1],
      truncated: false,
      tcpSeqRequest: 1000,
      tcpSeqResponse: 2000,
      src: s.remote,
      dst: s.local,
    });
    expect(scene.spans[0]!.id).toMatch(/^[0-9a-f]{16}$/);
  });

  it('counts what TCP did from the message before to the end of a span, on the span', () => {
    const client = socket('c', { role: 'client' });
    const scene = new Scene();
    scene.write(client, server, get('/1')).read(client, server, ok());
    scene.write(client, server, get('/2')).retransmit(client, server).retransmit(client, server);
    scene.read(client, server, ok()).retransmit(client, server);
    scene.write(client, server, get('/3')).read(client, server, ok());
    scene.write(client, server, get('/4')).reset(client, server).close(client, server).run();
    expect(scene.spans.map(({ resource, tcp }) => [resource, tcp?.retransmits, tcp?.resets])).toEqual([
      ['/1', 0, 0],
      ['/2', 2, 0],
      ['/3', 1, 0],
      ['/4', 0, 1],
    ]);
    const unknown = new Scene().reset(client, server).retransmit(client, server);
    unknown.run();
    expect(unknown.spans).toEqual([]);
  });

  it('gives A (T1, T3), B (T1, T2), C (T2, T3) when one thread asks B and C for A', () => {
    const [b, c] = ['b', 'c'].map((name) => socket(name, { role: 'client' })) as [typeof s, typeof s];
    const scene = new Scene();
    scene.read(s, server, get('/A')).write(b, server, get('/B')).read(b, server, ok()).write(c, server, get('/C'));
    scene.read(c, server, ok()).write(s, server, ok()).run();
    const ids = scene.spans.map(({ tapSide, resource, systraceIdRequest, systraceIdResponse }) => [
      tapSide,
      resource,
      systraceIdRequest,
      systraceIdResponse,
    ]);
    expect(ids).toEqual([
      ['c-p', '/B', 1, 2],
      ['c-p', '/C', 2, 3],
      ['s-p', '/A', 1, 3],
    ]);
  });

  it('reads what a TLS library shows in place of what the socket carries', () => {
    const [tls, b] = [{ flags: EventFlag.tls }, socket('b', { role: 'client' })];
    const [hello, record] = ['\x16\x03\x01\x00\x06\x01\x00\x00\x02\x03\x03', '\x17\x03\x03\x00\x04abcd'];
    const scene = new Scene();
    scene.read(s, server, hello).write(s, server, hello.replace('\x06\x01', '\x06\x02'));
    scene.read(s, server, record).read(s, server, get('/A'), { ...tls, sequence: 50 });
    scene.write(b, server, get('/B')).read(b, server, ok());
    scene.write(s, server, record).write(s, server, ok(), { ...tls, sequence: 70 });
    const { opaqueTlsSockets, unknownSockets } = scene.close(s, server).run();
    expect(
      scene.spans.map(({ tls, resource, tcpSeqRequest, tcpSeqResponse, systraceIdRequest, systraceIdResponse }) => [
        tls,
        resource,
        tcpSeqRequest,
        tcpSeqResponse,
        systraceIdRequest,
        systraceIdResponse,
      ]),
    ).toEqual([
      [undefined, '/B', 2000, 1000, 1, 2],
      [true, '/A', 50, 70, 1, 2],
    ]);
    expect([opaqueTlsSockets, unknownSockets]).toEqual([0, 0]);
  });

  it('goes by the pseudo-thread where there is one, whatever thread it runs on', () => {
    const [b, c] = ['b', 'c'].map((name) => socket(name, { role: 'client' })) as [typeof s, typeof s];
    const works = (tid: number, pseudoThread: number) => ({ ...thread(7, tid), pseudoThread });
    const scene = new Scene();
    // Two requests at once, whose coroutines take turns on two threads.
    const t = socket('t');
    scene.read(s, works(1, 50), get('/A')).read(t, works(1, 60), get('/B'));
    scene.write(b, works(2, 50), get('/A/b')).write(c, works(2, 60), get('/B/c'));
    scene.read(c, works(1, 60), ok()).read(b, works(1, 50), ok());
    scene.write(t, works(2, 60), ok()).write(s, works(1, 50), ok()).run();
    const ids = scene.spans.map(({ resource, pseudoThreadId, systraceIdRequest, systraceIdResponse }) => [
      resource,
      pseudoThreadId,
      systraceIdRequest,
      systraceIdResponse,
    ]);
    expect(ids).toEqual([
      ['/B/c', 60, 2, 3],
      ['/A/b', 50, 1, 4],
      ['/B', 60, 2, 3],
      ['/A', 50, 1, 4],
    ]);
  });

  it('tells where on the way packets were seen', () => {
    const eth0 = thread(0, 0, 'eth0');
    const flags = EventFlag.packet;
    const scene = new Scene();
    const asker = socket('client end', { role: 'client' });
    for (const [end, at] of [
      [asker, undefined],
      [asker, 'nd'],
      [s, 'gw-hv'],
    ] as const) {
      const flow = { ...end, id: `${end.id} ${at}` as typeof end.id, ...(at && { observation: at }) };
      if (end === s) scene.read(flow, eth0, get('/A'), { flags }).write(flow, eth0, ok(), { flags });
      else scene.write(flow, eth0, get('/A'), { flags }).read(flow, eth0, ok(), { flags });
    }
    scene.run();
    expect(scene.spans.map(({ tapSide }) => tapSide)).toEqual(['c', 'c-nd', 's-gw-hv']);
  });

  it('does not count the rest of a body as a message of its own', () => {
    const scene = new Scene();
    const b = socket('b', { role: 'client' });
    scene
      .write(b, server, get('/B'))
      .read(b, server, ok('0123456789').slice(0, -4))
      .write(s, server, 'x')
      .read(b, server, '6789')
      .run();
    expect(outline(scene.messages)).toEqual(['> /B', '< 200']);
    expect(scene.spans[0]).toMatchObject({
      end: 4_100_000,
      firstResponseByte: 2.1 * STEP,
      systraceIdResponse: 1,
      responseEvents: [1, 3],
    });
  });

  it('finds the role of a socket that is older than the capture in what it says', () => {
    const old = socket('old', { role: 'unknown', preexisting: true });
    const scene = new Scene();
    scene.read(old, server, ok()).write(old, server, get('/B')).read(old, server, ok());
    const coverage = scene.run();
    expect(lines(scene)).toEqual(['c-p ? older-than-capture', 'c-p /B 200']);
    expect(scene.messages.map(({ role }) => role)).toEqual(['client', 'client', 'client']);
    expect(coverage).toMatchObject({ sockets: 1, preexistingSockets: 1, spans: 2, incompleteSpans: 1, messages: 3 });
  });

  it('pairs pipelined requests by order', () => {
    const scene = new Scene();
    scene
      .read(s, server, get('/1') + get('/2') + get('/3'))
      .write(s, server, ok() + ok())
      .write(s, server, ok())
      .run();
    expect(lines(scene)).toEqual(['s-p /1 200', 's-p /2 200', 's-p /3 200']);
    expect(new Set(scene.spans.map(({ id }) => id)).size).toBe(3);
  });

  it('says why a request has no response', () => {
    const scene = new Scene();
    const [a, b] = [socket('a'), socket('b')];
    scene.read(a, server, get('/closed')).close(a, server).read(b, server, get('/open')).run();
    expect(lines(scene)).toEqual(['s-p /closed connection-closed', 's-p /open still-open']);
  });

  it('ends a response of unknown length with the connection', () => {
    const scene = new Scene();
    scene
      .read(s, server, get('/a'))
      .write(s, server, 'HTTP/1.1 200 OK\r\n\r\nabc')
      .write(s, server, 'def')
      .close(s, server);
    scene.run({ end: false });
    expect(scene.spans).toMatchObject([{ resource: '/a', responseLength: 25, truncated: false, end: 3 * STEP }]);
  });

  it('keeps for the first call of a connection what its thread was handling when it connected', () => {
    const [upstream, other] = [socket('u'), socket('o')];
    const scene = new Scene();
    scene
      .read(s, server, get('/first'))
      .connect(upstream, server)
      .read(other, server, get('/second'))
      .connect(upstream, server)
      .write(upstream, server, get('/up'))
      .read(upstream, server, ok())
      .write(upstream, server, get('/again'))
      .read(upstream, server, ok())
      .run();
    const calls = scene.spans.filter(({ tapSide }) => tapSide === 'c-p');
    expect(
      calls.map(({ resource, systraceIdRequest, systraceIdConnect }) => [
        resource,
        systraceIdRequest,
        systraceIdConnect,
      ]),
    ).toEqual([
      ['/up', 2, 1],
      ['/again', 3, undefined],
    ]);
  });

  it('keeps the turns of the event loop, and when a connection was asked for and ended', () => {
    const upstream = socket('up', { role: 'client' });
    const scene = new Scene();
    scene.turn().read(s, server, get('/first')).connect(upstream, server);
    scene.turn().write(upstream, server, get('/up'));
    scene.turn().read(upstream, server, ok()).close(upstream, server);
    scene.turn().write(s, server, ok()).run();
    const [up, first] = scene.spans;
    expect([up?.loopTurnRequest, up?.loopTurnResponse]).toEqual([2, 3]);
    expect(up?.connection).toEqual({
      connected: { time: 2 * STEP, tid: 7, loopTurn: 1 },
      ended: { time: 5 * STEP, tid: 7, loopTurn: 3 },
    });
    expect([first?.loopTurnRequest, first?.loopTurnResponse, first?.connection]).toEqual([1, 4, undefined]);
  });

  it('goes on under what a connection was about when its end is read', () => {
    const [upstream, next] = [socket('u'), socket('n')];
    const scene = new Scene();
    scene
      .write(upstream, server, get('/one'))
      .read(upstream, server, ok())
      .read(s, server, get('/request'))
      .read(upstream, server, '')
      .write(next, server, get('/two'))
      .run();
    expect(scene.spans.find(({ resource }) => resource === '/two')).toMatchObject({ systraceIdRequest: 1 });
  });

  it('takes a socket that is connected or accepted again for a new connection', () => {
    const scene = new Scene();
    scene
      .read(s, server, get('/first'))
      .accept(s, server)
      .read(s, server, 'garbage')
      .read(s, server, get('/second'))
      .write(s, server, ok())
      .run();
    expect(lines(scene)).toEqual(['s-p /first connection-closed', 's-p /second 200']);
  });

  it('follows a connection that processes hand on, until the last of them lets go', () => {
    const [parent, child] = [thread(1), thread(2)];
    const scene = new Scene();
    scene
      .read(s, parent, get('/1'))
      .write(s, parent, ok())
      .read(s, child, get('/2'))
      .close(s, parent)
      .write(s, child, ok())
      .close(s, child)
      .run();
    expect(lines(scene)).toEqual(['s-p /1 200', 's-p /2 200']);
    expect(scene.spans.map(({ pid }) => pid)).toEqual([1, 2]);
  });

  it('settles what a process that exits leaves behind', () => {
    const scene = new Scene();
    scene.read(s, server, get('/1')).exit(server).run({ end: false });
    expect(lines(scene)).toEqual(['s-p /1 connection-closed']);
  });

  it('passes over what was only peeked at', () => {
    const scene = new Scene();
    scene.read(s, server, get('/1'), { flags: EventFlag.peek }).read(s, server, get('/1')).write(s, server, ok()).run();
    expect(lines(scene)).toEqual(['s-p /1 200']);
  });

  it.each<[string, string, number | undefined]>([
    ['a whole answer', ok(), undefined],
    [
      'one whose end was not captured',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
      57,
    ],
  ])('does not miss what a filter left out behind %s', (_name, answer, limit) => {
    const flags = EventFlag.afterFiltered;
    const scene = new Scene();
    scene
      .read(s, server, get('/1'))
      .write(s, server, answer, limit === undefined ? {} : { limit })
      .drop(s, Direction.ingress, get('/health'))
      .drop(s, Direction.egress, ok())
      .read(s, server, get('/2'), { flags })
      .write(s, server, ok(), { flags });
    const { lostBytes } = scene.run();
    expect(lines(scene)).toEqual(['s-p /1 200', 's-p /2 200']);
    expect(lostBytes).toBe(limit === undefined ? 0 : answer.length - limit);
    expect(scene.messages.map(({ length }) => length)).toEqual([
      get('/1').length,
      answer.length,
      get('/2').length,
      ok().length,
    ]);
  });

  it('skips a body that was not captured', () => {
    const scene = new Scene();
    scene
      .read(s, server, get('/1'))
      .write(s, server, ok('x'.repeat(5000)), { limit: 100 })
      .read(s, server, get('/2'))
      .write(s, server, ok());
    const coverage = scene.run();
    expect(lines(scene)).toEqual(['s-p /1 200', 's-p /2 200']);
    expect(coverage).toMatchObject({ truncatedMessages: 1, lostBytes: 0 });
  });

  it('reads a head that was cut as far as it goes, and ends it when the other side speaks', () => {
    const scene = new Scene();
    const long = `GET /1 HTTP/1.1\r\nHost: a.test\r\nCookie: ${'c'.repeat(500)}\r\n\r\n`;
    scene
      .read(s, server, long, { limit: 60 })
      .write(s, server, ok())
      .read(s, server, long, { limit: 60 })
      .write(s, server, ok())
      .run();
    expect(outline(scene.messages)).toEqual(['> /1 …', '< 200', '> /1 …', '< 200']);
    expect(scene.spans.map(({ domain, requestLength, incomplete }) => [domain, requestLength, incomplete])).toEqual([
      ['a.test', long.length, undefined],
      ['a.test', long.length, undefined],
    ]);
  });

  it('ends a response whose end was not captured after a silence, with all its bytes', () => {
    const scene = new Scene();
    const other = socket('other');
    const list = `*60\r\n${'$4\r\nitem\r\n'.repeat(60)}`;
    scene.read(s, server, command('LRANGE', 'l', '0', '-1')).write(s, server, list.slice(0, 300), { limit: 40 });
    scene
      .write(s, server, list.slice(300), { limit: 40 })
      .wait(600)
      .read(other, server, get('/later'))
      .run({ end: false });
    expect(scene.spans).toMatchObject([
      { resource: 'LRANGE l 0 -1', responseLength: list.length, end: 3 * STEP, truncated: true },
    ]);
  });

  it('starts anew with each event while the protocol is not known', () => {
    const scene = new Scene();
    scene.read(s, server, '\x00\x40').read(s, server, get('/1')).write(s, server, ok()).run();
    expect(lines(scene)).toEqual(['s-p /1 200']);
  });

  it('goes on after lost events without pairing wrongly', () => {
    const scene = new Scene();
    scene.read(s, server, get('/0')).write(s, server, ok());
    scene.read(s, server, get('/1')).drop(s, Direction.egress, ok()).read(s, server, get('/2')).write(s, server, ok());
    scene.read(s, server, get('/3')).write(s, server, ok()).run();
    expect(lines(scene).at(-1)).toBe('s-p /3 200');
    expect(scene.spans.some(({ resource, statusCode }) => resource === '/1' && statusCode === 200)).toBe(false);
  });

  it('counts what it could not read', () => {
    const scene = new Scene();
    const tls = socket('tls');
    const odd = socket('odd');
    const hello = Uint8Array.of(22, 3, 1, 0, 5, 1, 0, 0, 1, 0);
    scene.read(tls, server, hello).read(odd, server, 'qwertz uiop').read(odd, server, '\x01\x02\x03\x04');
    expect(scene.run()).toMatchObject({
      opaqueTlsSockets: 1,
      unknownSockets: 1,
      messages: 0,
      spans: 0,
      sockets: 2,
      dataEvents: 3,
    });
  });

  it('keeps the datagrams of different peers apart', () => {
    const peer = (port: number) =>
      socket('u', { transport: 'udp', role: 'unknown', remote: { address: '10.0.0.9', port } });
    const scene = new Scene();
    scene
      .read(peer(1), server, dnsMessage(5, 0x100, 'a.test', 1))
      .read(peer(2), server, dnsMessage(5, 0x100, 'b.test', 1));
    scene
      .write(peer(2), server, dnsMessage(5, 0x8180, 'b.test', 1, 1))
      .write(peer(1), server, dnsMessage(5, 0x8183, 'a.test', 1))
      .run();
    expect(lines(scene)).toEqual(['s-p b.test 0', 's-p a.test 3']);
  });

  it('gives up on a datagram when two slots have passed, and not on a connection', () => {
    const u = socket('u', { transport: 'udp' });
    const scene = new Scene();
    scene
      .read(u, server, dnsMessage(5, 0x100, 'a.test', 1))
      .read(s, server, get('/poll'))
      .wait(180_000)
      .write(s, server, ok())
      .run({ end: false });
    expect(lines(scene)).toEqual(['s-p a.test no-response-seen', 's-p /poll 200']);
  });

  it('gives the same spans however the events are put into blocks', () => {
    const scene = new Scene();
    for (let n = 0; n < 20; n += 1) scene.read(s, server, get(`/${n}`)).write(s, server, ok());
    scene.run();
    const whole = [...scene.spans];
    for (const perBlock of [1, 3, 7]) {
      scene.run({ perBlock });
      expect(scene.spans).toEqual(whole);
    }
  });
});
