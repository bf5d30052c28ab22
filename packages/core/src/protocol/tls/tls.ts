import type { Cursor } from '../../base/cursor';
import type { ConnectionParser, MutableFields, Outcome, ProtocolParser, Unit } from '../protocol-parser';
import { alertName, CLOSE_NOTIFY, INTERNAL_ERROR, WARNING } from './alerts';
import { cipherSuiteName } from './cipher-suites';
import { readHello } from './hello';
import { HandshakeType, inferTls, MAX_RECORD, RECORD_HEAD, RecordType } from './records';

/**
 * TLS 1.0 to 1.3: RFC 8446, RFC 5246. Each record is a unit. The ClientHello is a request and the ServerHello its
 * response, an alert in place of it a failed one. With the first encrypted record after that the connection is left alone.
 */
export const tls: ProtocolParser = {
  protocol: 'tls',
  transports: ['tcp'],
  pairing: 'order',
  opaque: true,
  infer: inferTls,
  open: () => new TlsConnection(),
};

class TlsConnection implements ConnectionParser {
  private domain: string | undefined = undefined;
  private asked = false;
  private answered = false;
  /** Sides whose records are encrypted from here on. */
  private readonly encrypted = { client: false, server: false };

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const { bytes, position, end } = cursor;
    if (end - position < RECORD_HEAD) return 'more';
    const type = bytes[position]!;
    const length = (bytes[position + 3]! << 8) | bytes[position + 4]!;
    if (type < RecordType.changeCipherSpec || type > RecordType.applicationData || bytes[position + 1] !== 3) {
      return 'invalid';
    }
    if (length > MAX_RECORD) return 'invalid';
    unit.length = RECORD_HEAD + length;
    const side = fromClient ? 'client' : 'server';
    switch (type) {
      case RecordType.changeCipherSpec:
        // In TLS 1.3 it means nothing, and what follows is encrypted all the same.
        if (this.answered || fromClient) this.encrypted[side] = true;
        return 'unit';
      case RecordType.applicationData:
        // A client may send early data ahead of the answer.
        unit.leaves = this.answered || !this.asked || !fromClient;
        return 'unit';
      default:
        if (end - position < unit.length && !cursor.cut) return 'more';
    }
    if (this.encrypted[side]) {
      unit.leaves = this.answered && this.encrypted.client && this.encrypted.server;
      return 'unit';
    }
    const start = position + RECORD_HEAD;
    const stop = Math.min(start + length, end);
    return type === RecordType.alert
      ? this.parseAlert(bytes, start, stop, fromClient, unit)
      : this.parseHandshake(bytes, start, stop, fromClient, unit);
  }

  resume(): void {}

  private parseHandshake(bytes: Uint8Array, start: number, end: number, fromClient: boolean, unit: Unit): Outcome {
    const type = bytes[start];
    if (start >= end || type !== (fromClient ? HandshakeType.clientHello : HandshakeType.serverHello)) return 'unit';
    if (fromClient ? this.asked : this.answered) return 'unit';
    const hello = readHello(bytes, start, end, fromClient);
    if (hello === undefined) return 'invalid';
    const { version, serverName, applicationProtocols, cipherSuite, isRetry } = hello;
    const fields: MutableFields = {
      method: fromClient ? 'ClientHello' : isRetry ? 'HelloRetryRequest' : 'ServerHello',
    };
    if (version !== undefined) fields.version = version;
    const protocols = applicationProtocols.length === 0 ? '' : `[${applicationProtocols.join(', ')}]`;
    if (fromClient) {
      this.asked = true;
      this.domain = serverName;
      if (serverName !== undefined) fields.endpoint = serverName;
      setResource(fields, [serverName ?? '', protocols]);
    } else {
      this.answered = !isRetry;
      fields.status = 'ok';
      setResource(fields, [cipherSuiteName(cipherSuite!), protocols]);
      unit.interim = isRetry;
    }
    if (this.domain !== undefined) fields.domain = this.domain;
    unit.begins = fromClient ? 'request' : 'response';
    unit.fields = fields;
    unit.ends = true;
    return 'unit';
  }

  private parseAlert(bytes: Uint8Array, start: number, end: number, fromClient: boolean, unit: Unit): Outcome {
    // A longer one is encrypted.
    if (end - start !== 2) return 'unit';
    const description = bytes[start + 1]!;
    if (description === CLOSE_NOTIFY || bytes[start] === WARNING) return 'unit';
    const fields: MutableFields = {
      method: 'Alert',
      statusCode: description,
      exception: alertName(description),
      // The one who alerts blames the other side, unless it says otherwise.
      status: fromClient === (description === INTERNAL_ERROR) ? 'client_error' : 'server_error',
    };
    if (this.domain !== undefined) fields.domain = this.domain;
    unit.begins = fromClient || this.answered || !this.asked ? 'oneway' : 'response';
    if (unit.begins === 'response') this.answered = true;
    unit.fields = fields;
    unit.ends = true;
    return 'unit';
  }
}

function setResource(fields: MutableFields, parts: readonly string[]): void {
  const text = parts.filter((part) => part !== '').join(' ');
  if (text !== '') fields.resource = text;
}
