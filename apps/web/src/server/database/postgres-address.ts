import postgres from 'postgres';

/** How to reach the embedded server: what `database.json` holds. */
export interface DatabaseAddress {
  port: number;
  readonly password: string;
}

const DATABASE = 'causeway';

export function databaseUrl({ port, password }: DatabaseAddress, database = DATABASE): string {
  return `postgresql://causeway:${password}@127.0.0.1:${port}/${database}`;
}

async function ask<T>(
  address: DatabaseAddress,
  database: string,
  question: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  const sql = postgres(databaseUrl(address, database), { max: 1, connect_timeout: 5, onnotice: () => undefined });
  try {
    return await question(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Resolves to the data folder of the server that answers; rejects when none does. */
export function probe(address: DatabaseAddress, database: string): Promise<string> {
  return ask(address, database, async (sql) => {
    const [row] = await sql<{ folder: string }[]>`SELECT current_setting('data_directory') AS folder`;
    return row?.folder ?? '';
  });
}

/** Makes our database in a fresh server. */
export function chooseDatabase(address: DatabaseAddress): Promise<void> {
  return ask(address, 'postgres', async (sql) => {
    const found = await sql`SELECT 1 FROM pg_database WHERE datname = ${DATABASE}`;
    if (found.length === 0) await sql.unsafe(`CREATE DATABASE ${DATABASE}`);
  });
}

/** Connections to our database other than this question's. */
export function countOtherClients(address: DatabaseAddress): Promise<number> {
  return ask(address, 'postgres', async (sql) => {
    const [row] = await sql<{ count: number }[]>`
      SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = ${DATABASE} AND backend_type = 'client backend'`;
    return row?.count ?? 0;
  });
}
