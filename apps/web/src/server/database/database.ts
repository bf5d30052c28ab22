import { PrismaPg } from '@prisma/adapter-pg';
import postgres, { type Sql } from 'postgres';
import { messageOf, PlainError } from '../plain-error';
import { PrismaClient } from './generated/client';

/** Both ways to the one database: Prisma for ordinary rows, `sql` for COPY, partitions and searches. */
export interface Database {
  readonly url: string;
  readonly prisma: PrismaClient;
  readonly sql: Sql;
  close(): Promise<void>;
}

/** @throws PlainError when the database does not answer. */
export async function connectDatabase(url: string): Promise<Database> {
  const sql = postgres(url, {
    max: 10,
    onnotice: () => undefined,
    connect_timeout: 10,
    connection: { application_name: 'causeway' },
  });
  try {
    await sql`SELECT 1`;
  } catch (error) {
    await sql.end({ timeout: 1 });
    throw new PlainError(
      `The database at ${withoutPassword(url)} cannot be reached (${messageOf(error)}): check DATABASE_URL.`,
    );
  }
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 5 }) });
  return {
    url,
    prisma,
    sql,
    close: async () => {
      await Promise.all([prisma.$disconnect(), sql.end({ timeout: 1 })]);
    },
  };
}

function withoutPassword(url: string): string {
  return url.replace(/:[^:@/]*@/, '@');
}
