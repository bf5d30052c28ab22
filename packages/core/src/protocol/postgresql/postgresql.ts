import type { Cursor } from '../../base/cursor';
import type { ConnectionParser, Outcome, ProtocolParser, Unit } from '../protocol-parser';
import { inferPostgresql } from './infer';
import { OutstandingRequests } from './outstanding';
import { RequestReader } from './requests';
import { ResponseReader } from './responses';

/**
 * PostgreSQL, frontend/backend protocol 3 (https://www.postgresql.org/docs/current/protocol-flow.html). Each frame is a
 * unit. One request is a simple query, a function call, a step of the login, or a round of the extended protocol; its
 * response is all that the server sends up to ReadyForQuery, or up to the end of the statement where several share a Sync.
 */
export const postgresql: ProtocolParser = {
  protocol: 'postgresql',
  transports: ['tcp'],
  pairing: 'order',
  infer: inferPostgresql,
  open: () => new PostgresqlConnection(),
};

class PostgresqlConnection implements ConnectionParser {
  private readonly outstanding = new OutstandingRequests();
  private readonly requests = new RequestReader(this.outstanding);
  private readonly responses = new ResponseReader(this.outstanding, this.requests);

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    return fromClient ? this.requests.parse(cursor, unit) : this.responses.parse(cursor, unit);
  }

  resume(fromClient: boolean): void {
    if (fromClient) this.requests.resume();
    else {
      this.responses.resume();
      this.outstanding.keepLast();
    }
  }
}
