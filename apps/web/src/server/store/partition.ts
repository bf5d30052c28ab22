import type { Sql } from 'postgres';

/** The two tables that each capture has a partition of, with the indexes of each partition. */
const TABLES = {
  span_block: ['PRIMARY KEY (capture_id, block)', 'USING gin (keys) WITH (fastupdate = off)'],
  trace: [
    'PRIMARY KEY (capture_id, root_id)',
    '(capture_id, start_ns, root_id)',
    '(capture_id, duration_ns, root_id)',
    '(capture_id, span_count, root_id)',
  ],
} as const;
export type PartitionedTable = keyof typeof TABLES;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Name of a capture's partition, safe to put into SQL. @throws when the id is no lower-case UUID. */
export function partitionName(table: PartitionedTable, captureId: string): string {
  if (!UUID.test(captureId)) throw new Error(`not a capture id: ${captureId}`);
  return `${table}_${captureId.replaceAll('-', '')}`;
}

/** Drops what a capture has of spans and traces, if anything. */
export async function dropPartitions(sql: Sql, captureId: string): Promise<void> {
  await sql.unsafe(
    `DROP TABLE IF EXISTS ${partitionName('span_block', captureId)}, ${partitionName('trace', captureId)}`,
  );
}

/**
 * Makes a table that can become the capture's partition: not seen by queries yet, without indexes, its capture id filled
 * in by default. The check spares PostgreSQL a scan when it is attached.
 */
export async function createLoadingTable(sql: Sql, table: PartitionedTable, captureId: string): Promise<string> {
  const name = partitionName(table, captureId);
  await sql.unsafe(`CREATE TABLE ${name} (LIKE ${table} INCLUDING DEFAULTS, CHECK (capture_id = '${captureId}'))`);
  await sql.unsafe(`ALTER TABLE ${name} ALTER COLUMN capture_id SET DEFAULT '${captureId}'`);
  return name;
}

/** Gives a loading table its indexes, which costs more the more it holds. */
export async function addIndexes(sql: Sql, table: PartitionedTable, captureId: string): Promise<void> {
  const name = partitionName(table, captureId);
  const [key, ...indexes] = TABLES[table];
  // In one message, so that the database goes on by itself while the caller computes.
  await sql.unsafe(
    [`ALTER TABLE ${name} ADD ${key}`, ...indexes.map((index) => `CREATE INDEX ON ${name} ${index}`)].join('; '),
  );
}

/** Shows a table with its indexes to queries: the lock on the whole is held for a moment only. */
export async function attachPartition(sql: Sql, table: PartitionedTable, captureId: string): Promise<void> {
  const name = partitionName(table, captureId);
  await sql.unsafe(`ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES IN ('${captureId}')`);
}

/**
 * Tells the planner how large a capture's partitions are. Without, it takes the whole of one for a few rows and reads all of
 * it instead of asking the index of the keys: 0.4 s a round for half a million spans, instead of 0.2 ms.
 */
export async function analysePartitions(sql: Sql, captureId: string): Promise<void> {
  // Of the blocks, the keys are left out: there are hundreds in a row, and which is frequent does not matter.
  await sql.unsafe(
    `ANALYZE ${partitionName('span_block', captureId)} (capture_id, block), ${partitionName('trace', captureId)}`,
  );
}
