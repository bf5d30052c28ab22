// The cases whose programs hand trace context on with each call, so that assembly can be scored against the truth. Each
// is recorded with 1, 8 and 64 requests at once. `record` starts the programs and records the client's requests to them.
import { record } from './stage.mjs';

/** One in eleven has no product, one in eleven no page; numbers repeat, so that caches are hit. */
const PATHS = [
  '/orders/{n}',
  '/pages/{n}',
  '/orders/7',
  '/visits/{n}',
  '/orders/{n}',
  '/nowhere',
  '/orders/{n}',
  'POST:/orders',
  '/orders/9000',
  '/pages/3',
  '/orders/{n}',
];

export const CONCURRENCIES = [1, 8, 64];

/** Fewer connections than requests at once, but never just one. */
const poolFor = (concurrency) => Math.max(2, concurrency / 4);

async function recordClient(stage, file, port, programs, { concurrency, requests, paths = PATHS }) {
  const client = stage.client({
    URL: `http://127.0.0.1:${port}`,
    REQUESTS: String(requests),
    CONCURRENCY: String(concurrency),
    PATHS: paths.join(' '),
    TRACED: '1',
  });
  const targets = programs.flatMap(({ pid }) => ['--pid', String(pid)]);
  await record(file, [...targets, '--', ...client.command], client.env);
}

const nodeShop = (connections) => async (stage, file, load) => {
  const [redis, postgres] = await Promise.all([stage.redis(), stage.postgres()]);
  const env = {
    CONNECTIONS: connections,
    POOL: String(poolFor(load.concurrency)),
    REDIS_PORT: String(redis.port),
  };
  const stock = await stage.program('node', 'traced/shop-stock.mjs', { ...env, POSTGRES_PORT: String(postgres.port) });
  const front = await stage.program('node', 'traced/shop-front.mjs', { ...env, STOCK_PORT: String(stock.port) });
  const nginx = await stage.nginx(front.port);
  await recordClient(stage, file, nginx.port, [redis, postgres, stock, front, nginx], load);
};

const GET_PATHS = PATHS.filter((path) => path.startsWith('/'));

async function pythonThreads(stage, file, load) {
  const postgres = await stage.postgres();
  const env = { POOL: String(poolFor(load.concurrency)), POSTGRES_PORT: String(postgres.port) };
  const back = await stage.program('/usr/bin/python3', 'traced/threads.py', env);
  const front = await stage.program('/usr/bin/python3', 'traced/threads.py', { ...env, BACK_PORT: String(back.port) });
  await recordClient(stage, file, front.port, [postgres, back, front], { ...load, paths: GET_PATHS });
}

/** nginx alone before one program, that makes no calls. */
async function nginxFront(stage, file, load) {
  const postgres = await stage.postgres();
  const env = { POOL: String(poolFor(load.concurrency)), POSTGRES_PORT: String(postgres.port) };
  const back = await stage.program('/usr/bin/python3', 'traced/threads.py', env);
  const nginx = await stage.nginx(back.port);
  await recordClient(stage, file, nginx.port, [postgres, back, nginx], { ...load, paths: GET_PATHS });
}

export const TRUTH_CASES = {
  'node-own-connections': nodeShop('own'),
  'node-shared-pool': nodeShop('pool'),
  'node-one-connection': nodeShop('one'),
  'python-threads': pythonThreads,
  'nginx-front': nginxFront,
};
