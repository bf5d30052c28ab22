// A small shop: each request asks Redis first, then PostgreSQL, and fills the cache. Its clients are the usual ones
// (ioredis: one shared connection; pg: a pool), because their habits are what a tracer has to cope with.
import { createServer } from 'node:http';
import Redis from 'ioredis';
import pg from 'pg';

const redis = new Redis({ host: '127.0.0.1', port: Number(process.env.REDIS_PORT), enableAutoPipelining: false });
const pool = new pg.Pool({
  host: '127.0.0.1',
  port: Number(process.env.POSTGRES_PORT),
  user: 'shop',
  database: 'postgres',
  max: Number(process.env.POOL ?? 8),
});

async function product(id) {
  const cached = await redis.get(`product:${id}`);
  if (cached !== null) return { ...JSON.parse(cached), cached: true };
  // The id is written out, not bound, so that a reader of the capture can see which request a statement served.
  const { rows } = await pool.query(`SELECT id, name, price FROM product WHERE id = ${id}`);
  if (rows.length === 0) return undefined;
  await redis.set(`product:${id}`, JSON.stringify(rows[0]), 'EX', 60);
  return { ...rows[0], cached: false };
}

const server = createServer(async (request, response) => {
  const answer = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  try {
    const id = /^\/products\/(\d+)$/.exec(request.url)?.[1];
    if (id === undefined) return answer(404, { error: 'no such page' });
    const found = await product(Number(id));
    return found === undefined ? answer(404, { error: `no product ${id}` }) : answer(200, found);
  } catch (error) {
    return answer(500, { error: error.message });
  }
});
server.listen(Number(process.env.PORT), '127.0.0.1');
