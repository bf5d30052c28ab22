import postgres from 'postgres';

/**
 * A worker holds an advisory lock named after itself for as long as it lives; the database frees it the moment its
 * connection is gone. So whoever can take the lock knows that the worker is dead, on whatever machine it was.
 */
export const WORKER_LOCK_CLASS = 0x63777772;

export async function holdLivenessLock(databaseUrl: string, workerId: string): Promise<{ release(): Promise<void> }> {
  const sql = postgres(databaseUrl, { max: 1, idle_timeout: 0, max_lifetime: null, onnotice: () => undefined });
  await sql`SELECT pg_advisory_lock(${WORKER_LOCK_CLASS}, hashtext(${workerId}))`;
  return { release: () => sql.end({ timeout: 1 }) };
}
