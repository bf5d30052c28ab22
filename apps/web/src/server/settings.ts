import { join, resolve } from 'node:path';
import { PlainError } from './plain-error';

const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost', '::1'];

/** What the environment asks for. Paths are absolute. */
export interface Settings {
  /** The repository's root: migrations, samples and the built pages are found from it. */
  readonly root: string;
  readonly host: string;
  readonly port: number;
  /** Asked for on every route when set. */
  readonly token: string | undefined;
  /** Host names a browser may use for this server beyond the loopback names. */
  readonly allowedHosts: readonly string[];
  /** Folder of the embedded database and the capture files. */
  readonly dataFolder: string;
  /** An own PostgreSQL in place of the embedded one. */
  readonly databaseUrl: string | undefined;
  /** Folder of protocol modules that the operator trusts: docs/protocol-modules.md. Nothing that is uploaded comes here. */
  readonly protocolsFolder?: string | undefined;
}

/**
 * Reads PORT, HOST, CAUSEWAY_TOKEN, CAUSEWAY_ALLOWED_HOSTS, CAUSEWAY_DATA, CAUSEWAY_PROTOCOLS and DATABASE_URL.
 * @throws PlainError on a port out of range, or an address beyond loopback without a token.
 */
export function readSettings(root: string, env: Readonly<Record<string, string | undefined>>): Settings {
  const host = env.HOST || '127.0.0.1';
  const port = Number(env.PORT || 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new PlainError(`PORT=${env.PORT} is not a port: give a whole number from 1 to 65535.`);
  }
  const token = env.CAUSEWAY_TOKEN || undefined;
  if (!LOOPBACK_HOSTS.includes(host) && token === undefined) {
    throw new PlainError(
      `HOST=${host} would let others on the network read your captures: set CAUSEWAY_TOKEN to a secret as well, or leave HOST out.`,
    );
  }
  return {
    root,
    host,
    port,
    token,
    allowedHosts: [host, ...(env.CAUSEWAY_ALLOWED_HOSTS ?? '').split(',')].map((name) => name.trim()).filter(Boolean),
    dataFolder: env.CAUSEWAY_DATA ? resolve(env.CAUSEWAY_DATA) : join(root, '.causeway'),
    databaseUrl: env.DATABASE_URL || undefined,
    protocolsFolder: env.CAUSEWAY_PROTOCOLS ? resolve(env.CAUSEWAY_PROTOCOLS) : undefined,
  };
}
