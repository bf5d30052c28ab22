import type { Cursor } from '../../base/cursor';
import type { ConnectionParser, Outcome, ProtocolParser, Unit } from '../protocol-parser';
import { CompressedReader, isCompressedCommand } from './compressed';
import { inferMysql } from './infer';
import { RequestReader } from './requests';
import { ResponseReader } from './responses';
import { ConnectionState } from './state';

/**
 * MySQL and MariaDB (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_command_phase.html). Each packet is
 * a unit. One request is the login or a command; its response is all up to the last packet of the last result set. The
 * server's greeting belongs to no message. Where compression is agreed on, packets stand in frames: see compressed.ts.
 */
export const mysql: ProtocolParser = {
  protocol: 'mysql',
  transports: ['tcp'],
  pairing: 'order',
  infer: inferMysql,
  open: () => new MysqlConnection(),
};

class MysqlConnection implements ConnectionParser {
  private readonly state = new ConnectionState();
  private readonly requests = new RequestReader(this.state);
  private readonly responses = new ResponseReader(this.state);
  private readonly compressed = new CompressedReader(this.state, this.requests, this.responses);

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const { state } = this;
    // Older than the capture: a packet that begins with 0 is no command.
    if (state.capabilities === 0 && fromClient && isCompressedCommand(cursor.bytes, cursor.position, cursor.end)) {
      state.compressed = true;
    }
    if (state.compressed) return this.compressed.parse(cursor, fromClient, unit);
    return fromClient ? this.requests.parse(cursor, unit) : this.responses.parse(cursor, unit);
  }

  resume(fromClient: boolean): void {
    this.compressed.resume(fromClient);
    if (fromClient) {
      this.requests.resume();
      return;
    }
    this.responses.resume();
    // What is answered now is most likely what was asked last.
    this.state.pending = this.state.pending.slice(-1);
  }
}
