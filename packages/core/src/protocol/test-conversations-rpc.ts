import { concat } from '../event/test-scene';
import { bolt, brpcFrames, cgi, dubboFrames, hessian, jce, pb, someipMessage } from './test-bytes-rpc';
import type { Turn } from './test-conversation';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** As `CONVERSATIONS`, of the RPC protocols. */
export const RPC_CONVERSATIONS: Readonly<Record<string, readonly Turn[]>> = {
  brpc: [
    ['>', concat(brpcFrames.call(7, 'Echo'), brpcFrames.call(2 ** 32 + 2, 'Ping'))],
    ['<', concat(brpcFrames.result(2 ** 32 + 2, 1002, 'no such method'), brpcFrames.result(7, 0))],
    ['>', brpcFrames.frame('STRM', concat(pb.number(1, 5), pb.number(3, 3)), 'data')],
  ],
  dubbo: [
    ['>', concat(dubboFrames.call(1, 'find', { traceparent: TRACEPARENT }), dubboFrames.call(2, 'save'))],
    ['<', concat(dubboFrames.frame(0, 60, 2, hessian.text('not exported')), dubboFrames.value(1))],
    ['<', dubboFrames.heartbeat(3)],
    ['>', concat(dubboFrames.alive(3), dubboFrames.call(4, 'log', {}, 0x80))],
  ],
  fastcgi: [
    ['>', cgi.request(1, { REQUEST_METHOD: 'POST', REQUEST_URI: '/a/7?x', HTTP_TRACEPARENT: TRACEPARENT }, 'a=b')],
    ['<', cgi.response(1, 'Status: 404 Not Found\r\nA: b\r\n\r\nno', 'Primary script unknown\n')],
    [
      '>',
      concat(
        cgi.request(2, { REQUEST_METHOD: 'GET', SCRIPT_NAME: '/a.php' }),
        cgi.request(3, { SCRIPT_NAME: '/b.php' }),
      ),
    ],
    [
      '<',
      concat(cgi.record(6, 3, 'A: b\r\n'), cgi.response(2, 'A: b\r\n\r\nyes'), cgi.record(6, 3, '\r\n'), cgi.end(3)),
    ],
  ],
  sofarpc: [
    ['>', concat(bolt.call(1, 'find'), bolt.call(2, 'save'))],
    [
      '<',
      concat(
        bolt.response(2, bolt.answer(true, 'it broke', 'N')),
        bolt.response(1, bolt.answer(false, undefined, '\x02ok')),
      ),
    ],
    ['>', concat(bolt.heartbeat(3), bolt.call(4, 'log', { type: 2 }))],
    ['<', bolt.alive(3)],
  ],
  someip: [
    ['>', concat(someipMessage({ session: 1 }, 'abcd'), someipMessage({ session: 2, method: 0x22 }))],
    [
      '<',
      concat(someipMessage({ session: 2, method: 0x22, type: 0x81, code: 3 }), someipMessage({ type: 0x80 }, 'xyz')),
    ],
    ['<', someipMessage({ method: 0x8001, type: 2 }, 'event')],
  ],
  tars: [
    ['>', concat(jce.call(1, 'find', { context: { traceparent: TRACEPARENT } }), jce.call(2, 'save'))],
    ['<', concat(jce.result(2, -3), jce.result(1, 0))],
    ['>', concat(jce.call(300, 'tars_ping'), jce.call(4, 'log', { type: 1 }))],
    ['<', jce.result(300, 0)],
  ],
};
