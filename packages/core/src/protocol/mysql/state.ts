import type { MutableFields } from '../protocol-parser';
import { Capability, LAST_STATEMENT } from './packets';

/** A command that the server has not answered yet. */
export interface PendingCommand {
  /** Code of the command; −1 = the login. */
  readonly code: number;
  /** Of the request; its response repeats it. */
  readonly endpoint: string;
  /** Statement text of a PREPARE, to be known by the id that the answer gives it. */
  readonly statement?: string;
}

export interface PreparedStatement {
  readonly text: string;
  /** How many. */
  readonly parameters: number;
  /** As sent with the first EXECUTE, two bytes each. */
  types?: Uint8Array;
  /** Parameters that were sent ahead of the next EXECUTE. */
  longData?: Set<number> | undefined;
}

export const LOGIN = -1;
/** MySQL's clients wait for each answer; MariaDB's may send some commands ahead. */
const MAX_PENDING = 1024;
/** Prepared statements whose text is remembered for one connection. */
const MAX_STATEMENTS = 1024;

/** What both directions of a connection know of each other. */
export class ConnectionState {
  pending: PendingCommand[] = [];
  /** The client goes on with its login, or sends a file that the server asked for: no command begins. */
  clientContinues: 'no' | 'login' | 'file' = 'no';
  serverCapabilities = 0;
  /** 0 = the login was not seen. */
  capabilities = 0;
  /** What follows the login is compressed. */
  compressed = false;
  protocolVersion: string | undefined = undefined;
  database: string | undefined = undefined;
  private last: PreparedStatement | undefined = undefined;
  private readonly statements = new Map<number, PreparedStatement>();

  add(command: PendingCommand): void {
    if (this.pending.length >= MAX_PENDING) this.pending.shift();
    this.pending.push(command);
  }

  agree(client: number): void {
    this.capabilities = client;
  }

  /** Whether the server leaves out EOF packets; undefined = the login was not seen. */
  get withoutEof(): boolean | undefined {
    return this.capabilities === 0 ? undefined : (this.capabilities & Capability.deprecateEof) !== 0;
  }

  loggedIn(): void {
    this.clientContinues = 'no';
    const compression = Capability.compress | Capability.zstdCompress;
    this.compressed = (this.capabilities & this.serverCapabilities & compression) !== 0;
  }

  prepared(id: number, statement: PreparedStatement): void {
    if (this.statements.size >= MAX_STATEMENTS) {
      for (const oldest of this.statements.keys()) {
        this.statements.delete(oldest);
        break;
      }
    }
    this.statements.set(id, statement);
    this.last = statement;
  }

  statement(id: number): PreparedStatement | undefined {
    return id === LAST_STATEMENT ? this.lastStatement() : this.statements.get(id);
  }

  /** The one whose PREPARE was sent last, answered or not. */
  private lastStatement(): PreparedStatement | undefined {
    const asked = this.pending.findLast(({ statement }) => statement !== undefined)?.statement;
    // Until it is answered, nobody has said how many parameters it has.
    return asked === undefined ? this.last : { text: asked, parameters: 0 };
  }

  longData(id: number, parameter: number): void {
    const statement = this.statements.get(id);
    if (statement === undefined) return;
    statement.longData ??= new Set();
    statement.longData.add(parameter);
  }

  closed(id: number): void {
    this.statements.delete(id);
  }

  /** What all requests of the connection have. */
  newFields(method: string): MutableFields {
    const fields: MutableFields = { method, endpoint: method };
    if (this.protocolVersion !== undefined) fields.version = this.protocolVersion;
    if (this.database !== undefined) fields.domain = this.database;
    return fields;
  }
}
