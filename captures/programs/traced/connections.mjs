// Three ways of reaching a backend, by CONNECTIONS:
//   own    a new connection for each request, closed after it
//   pool   POOL connections, fewer than there are requests at once: whoever comes late waits for one
//   one    a single connection to PostgreSQL and to Redis, which all requests share at the same time
import { Agent, request as httpRequest } from 'node:http';
import Redis from 'ioredis';
import pg from 'pg';
import { headersOf, redisToken, sqlComment } from './trace-context.mjs';

const { CONNECTIONS = 'pool', POOL = '2', POSTGRES_PORT, REDIS_PORT } = process.env;
const own = CONNECTIONS === 'own';
const size = CONNECTIONS === 'one' ? 1 : Number(POOL);

const agent = own
  ? new Agent({ keepAlive: false })
  : new Agent({ keepAlive: true, maxSockets: CONNECTIONS === 'one' ? 256 : size });

/** Asks another program; answers its status and body. */
export function fetchJson(call, port, path, { method = 'GET', body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, path, method, agent, headers: headersOf(call) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece) => {
        text += piece;
      });
      response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(text) }));
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const database = { host: '127.0.0.1', port: Number(POSTGRES_PORT), user: 'shop', database: 'postgres' };
const pool = POSTGRES_PORT === undefined || own ? undefined : new pg.Pool({ ...database, max: size });

/** The rows of one statement; its values are written out, so that a reader can see which request it served. */
export async function query(call, sql) {
  const text = sql + sqlComment(call);
  if (pool !== undefined) return (await pool.query(text)).rows;
  const client = new pg.Client(database);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const newRedis = () => new Redis({ host: '127.0.0.1', port: Number(REDIS_PORT), enableReadyCheck: false });

/** Hands the connections out one user at a time; those who come late wait in line. */
class RedisPool {
  #free = [];
  #waiting = [];

  constructor(count) {
    this.#free = Array.from({ length: count }, newRedis);
  }

  async use(work) {
    const connection = this.#free.pop() ?? (await new Promise((resolve) => this.#waiting.push(resolve)));
    try {
      return await work(connection);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(connection);
      else next(connection);
    }
  }
}

const shared = CONNECTIONS === 'one' ? newRedis() : undefined;
const redisPool = CONNECTIONS === 'pool' ? new RedisPool(size) : undefined;

async function withRedis(work) {
  if (shared !== undefined) return work(shared);
  if (redisPool !== undefined) return redisPool.use(work);
  const connection = newRedis();
  try {
    return await work(connection);
  } finally {
    connection.disconnect();
  }
}

/** A cached value. The second key does not exist: it carries the context. */
export const cached = (call, key) =>
  withRedis(async (redis) => {
    const [text] = await redis.mget(key, redisToken(call));
    return text === null ? undefined : JSON.parse(text.slice(0, text.lastIndexOf(' ')));
  });

export const cache = (call, key, value) =>
  withRedis((redis) => redis.set(key, `${JSON.stringify(value)} ${redisToken(call)}`, 'EX', 60));

/** Counts a visit in a list that is kept short by nobody: the programs live for seconds. */
export const note = (call, key) => withRedis((redis) => redis.rpush(key, redisToken(call)));
