// A protocol of one's own, for `causeway replay CAPTURE --protocol ./ledger.js`. docs/protocol-modules.md explains it.
//
// Ledger keeps accounts. Each message is a head of eleven bytes and a body of text, numbers in network order:
//
//   "LGR1"   what every message begins with
//   kind     u8: Q question, A answer, N notice (no answer comes)
//   id       u16: the answer bears that of its question
//   length   u32: bytes of the body
//   body     Q  VERB ACCOUNT [AMOUNT], and in lines of their own NAME: VALUE (trace: a trace id)
//            A  "ok" or an error's code from 400 on, then what there is to say
//            N  what happened

const MARK = [...'LGR1'].map((letter) => letter.charCodeAt(0));
const HEAD_BYTES = 11;
const MAX_BODY_BYTES = 1024 * 1024;
const TYPES = { Q: 'request', A: 'response', N: 'oneway' };

const text = new TextDecoder();

export default {
  protocol: 'ledger',
  transports: ['tcp'],
  // Each answer names its question, so they may come in any order.
  pairing: 'id',

  infer(cursor) {
    for (const byte of MARK) {
      if (cursor.remaining === 0) return 'more';
      if (cursor.u8() !== byte) return 'no';
    }
    if (cursor.remaining === 0) return 'more';
    const type = TYPES[String.fromCharCode(cursor.u8())];
    if (type === undefined) return 'no';
    // A notice comes from the server.
    return type === 'request' ? 'request' : 'response';
  },

  open: () => ({ parse, resume() {} }),
};

function parse(cursor, _fromClient, unit) {
  if (cursor.remaining < HEAD_BYTES) return 'more';
  for (const byte of MARK) if (cursor.u8() !== byte) return 'invalid';
  const type = TYPES[String.fromCharCode(cursor.u8())];
  const requestId = cursor.u16();
  const length = cursor.u32();
  if (type === undefined || length > MAX_BODY_BYTES) return 'invalid';
  // A body that is still to come is waited for; of one that was not captured whole, what is there is read.
  if (cursor.remaining < length && !cursor.cut) return 'more';
  const end = Math.min(cursor.position + length, cursor.end);
  const body = text.decode(cursor.bytes.subarray(cursor.position, end));
  return unit.whole(type, { requestId, ...FIELDS[type](body) }, HEAD_BYTES + length);
}

const FIELDS = {
  request(body) {
    const [what = '', ...lines] = body.split('\n');
    const [method, account] = what.split(' ');
    const trace = lines.find((line) => line.startsWith('trace: '))?.slice('trace: '.length);
    return {
      method,
      resource: what,
      // The same for all accounts, so that like requests stand together.
      endpoint: account === undefined ? method : `${method} {account}`,
      ...(trace !== undefined && { traceIds: [trace] }),
    };
  },
  response(body) {
    const [code = '', ...rest] = body.split(' ');
    if (code === 'ok') return { status: 'ok', statusCode: 'ok' };
    const number = Number(code);
    if (!(number >= 400)) return { status: 'unknown' };
    return { statusCode: number, status: number < 500 ? 'client_error' : 'server_error', exception: rest.join(' ') };
  },
  oneway: (body) => ({ method: 'NOTICE', resource: body }),
};
