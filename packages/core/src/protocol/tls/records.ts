import type { Cursor } from '../../base/cursor';
import type { Inference, InferenceContext } from '../protocol-parser';

/** TLS records: RFC 8446, section 5.1.   type (1) · version (2: 3, 0…4) · length (2) · fragment */
export const RECORD_HEAD = 5;
export const MAX_RECORD = 16_384 + 2048;
export const RecordType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;
export const HandshakeType = { clientHello: 1, serverHello: 2 } as const;
/** An authentication tag at the least. */
const MIN_ENCRYPTED = 17;

export function inferTls(cursor: Cursor, context: InferenceContext): Inference {
  const type = cursor.peek();
  if (type < RecordType.changeCipherSpec || type > RecordType.applicationData || cursor.peek(1) > 3) return 'no';
  if (cursor.peek(2) > 4) return 'no';
  if (cursor.remaining < RECORD_HEAD + 1) return cursor.cut ? 'no' : 'more';
  const length = (cursor.peek(3) << 8) | cursor.peek(4);
  if (cursor.peek(1) !== 3 || length === 0 || length > MAX_RECORD) return 'no';
  if (type === RecordType.handshake) {
    const message = cursor.peek(RECORD_HEAD);
    if (message === HandshakeType.clientHello) return 'request';
    return message === HandshakeType.serverHello ? 'response' : 'no';
  }
  // In the middle of a connection only whole-looking records of data count, from either side.
  if (type !== RecordType.applicationData || cursor.peek(2) !== 3 || length < MIN_ENCRYPTED) return 'no';
  return context.fromClient === false ? 'response' : 'request';
}
