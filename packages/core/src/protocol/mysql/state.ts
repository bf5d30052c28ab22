import { Capability } from './packets';

/** A command that the server has not answered yet. */
export interface PendingCommand {
  /** Code of the command; −1 = the login. */
  readonly code: number;
  /** Of the request; its response repeats it. */
  readonly endpoint: string;
  /** Statement text of a PREPARE, to be known by the id that the answer gives it. */
  readonly statement?: string;
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
  private readonly statements = new Map<number, string>();

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

  prepared(id: number, text: string): void {
    if (this.statements.size >= MAX_STATEMENTS) {
      for (const oldest of this.statements.keys()) {
        this.statements.delete(oldest);
        break;
      }
    }
    this.statements.set(id, text);
  }

  statement(id: number): string | undefined {
    return this.statements.get(id);
  }

  closed(id: number): void {
    this.statements.delete(id);
  }
}
