import type { Cursor } from '../../base/cursor';
import type { ConnectionParser, Outcome, ProtocolParser, Unit } from '../protocol-parser';
import { inferMysql } from './infer';
import { RequestReader } from './requests';
import { ResponseReader } from './responses';
import { ConnectionState } from './state';

/**
 * MySQL and MariaDB (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_command_phase.html). Each packet is
 * a unit. One request is the login or a command; its response is all up to the last packet of the last result set. The
 * server's greeting belongs to no message. What is agreed to be compressed is not read.
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

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    return fromClient ? this.requests.parse(cursor, unit) : this.responses.parse(cursor, unit);
  }

  resume(fromClient: boolean): void {
    if (fromClient) {
      this.requests.resume();
      return;
    }
    this.responses.resume();
    // What is answered now is most likely what was asked last.
    this.state.pending = this.state.pending.slice(-1);
  }
}
