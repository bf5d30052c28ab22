import { normaliseSql } from '../../protocol/sql';
import type { SpanProtocol } from '../span';
import { textOf } from './attributes';
import type { DescribedRequest } from './described-request';
import type { AttributeMap } from './reported-span';

/** Values of `db.system.name` and `db.system` whose wire protocol has a name here. */
const SYSTEMS: ReadonlyMap<string, SpanProtocol> = new Map([
  ['postgresql', 'postgresql'],
  ['cockroachdb', 'postgresql'],
  ['redshift', 'postgresql'],
  ['mysql', 'mysql'],
  ['mariadb', 'mysql'],
  ['redis', 'redis'],
  ['mongodb', 'mongodb'],
  ['memcached', 'memcached'],
]);
const SQL: ReadonlySet<SpanProtocol> = new Set(['postgresql', 'mysql']);

/** Databases: https://opentelemetry.io/docs/specs/semconv/database/database-spans/, and the names before 1.25. */
export function describeDatabase(attributes: AttributeMap): DescribedRequest | undefined {
  const system = textOf(attributes, 'db.system.name', 'db.system');
  if (system === undefined) return undefined;
  const protocol = SYSTEMS.get(system) ?? 'app';
  const statement = textOf(attributes, 'db.query.text', 'db.statement');
  const normal = statement !== undefined && SQL.has(protocol) ? normaliseSql(statement, dialect(protocol)) : undefined;
  const operation = textOf(attributes, 'db.operation.name', 'db.operation') ?? firstWord(normal ?? statement);
  const collection = textOf(attributes, 'db.collection.name', 'db.sql.table', 'db.mongodb.collection');
  const spoken = [operation, collection].filter((word) => word !== undefined).join(' ');
  const endpoint = normal ?? textOf(attributes, 'db.query.summary') ?? (spoken === '' ? undefined : spoken);
  return {
    protocol,
    method: SQL.has(protocol) ? operation?.toUpperCase() : operation,
    resource: statement ?? endpoint,
    endpoint,
    domain: textOf(attributes, 'db.namespace', 'db.name'),
    statusCode: textOf(attributes, 'db.response.status_code'),
  };
}

const dialect = (protocol: SpanProtocol) => (protocol === 'mysql' ? 'mysql' : 'standard');

function firstWord(statement: string | undefined): string | undefined {
  return statement === undefined ? undefined : /^[\s(]*([A-Za-z]+)/.exec(statement)?.[1]?.toUpperCase();
}
