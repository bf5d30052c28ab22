import type { Cursor } from '../base/cursor';
import type { ConnectionParser, Inference, InferenceContext, ProtocolParser } from './protocol-parser';

/**
 * TLS records: RFC 8446, section 5.1. Only recognised; what they carry is encrypted.
 *
 *   type (1: 20 change_cipher_spec, 21 alert, 22 handshake, 23 application_data) · version (2: 3, 0…4) · length (2)
 */
const MAX_RECORD = 16_384 + 2048;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;

export const tls: ProtocolParser = {
  protocol: 'tls',
  transports: ['tcp'],
  pairing: 'order',
  opaque: true,
  infer,
  open: () => OPAQUE,
};

const OPAQUE: ConnectionParser = { parse: () => 'unsupported', resume: () => {} };

function infer(cursor: Cursor, context: InferenceContext): Inference {
  const type = cursor.peek();
  if (type < 20 || type > APPLICATION_DATA || cursor.peek(1) > 3 || cursor.peek(2) > 4) return 'no';
  if (cursor.remaining < 6) return cursor.cut ? 'no' : 'more';
  if (cursor.peek(1) !== 3) return 'no';
  const length = (cursor.peek(3) << 8) | cursor.peek(4);
  if (length === 0 || length > MAX_RECORD) return 'no';
  if (type === HANDSHAKE) {
    const message = cursor.peek(5);
    if (message === 1) return 'request';
    return message === 2 ? 'response' : 'no';
  }
  // In the middle of a connection only whole-looking records of data count, from either side.
  if (type !== APPLICATION_DATA || cursor.peek(2) !== 3 || length < 17) return 'no';
  return context.fromClient === false ? 'response' : 'request';
}
