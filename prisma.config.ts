import { defineConfig } from 'prisma/config';

/** For Prisma's command line only: the server migrates by itself at start, under an advisory lock. */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://127.0.0.1:5432/causeway' },
});
