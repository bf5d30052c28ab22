// The cases whose programs hand trace context on with each call, so that assembly can be scored against the truth. Each
// is recorded with 1, 8 and 64 requests at once. `record` starts the programs and records the client's requests to them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { POSTGRES_BIN, record } from './stage.mjs';

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

async function recordClient(
  stage,
  file,
  port,
  programs,
  { concurrency, requests, paths = PATHS, linger = 0, payload = 1024, options = [] },
) {
  const client = stage.client({
    URL: `http://127.0.0.1:${port}`,
    REQUESTS: String(requests),
    CONCURRENCY: String(concurrency),
    PATHS: paths.join(' '),
    // So many products there are.
    NUMBERS: '500',
    TRACED: '1',
    LINGER_MS: String(linger),
  });
  const targets = programs.flatMap(({ pid }) => ['--pid', String(pid)]);
  await record(file, ['--payload', String(payload), ...options, ...targets, '--', ...client.command], client.env);
}

/** Without X-Request-IDs: with them, each request would carry its answer. */
const tracedNginx = (stage, port) => stage.nginx(port, 'traced/nginx.conf');

const nodeShop = (connections) => async (stage, file, load) => {
  const [redis, postgres] = await Promise.all([stage.redis(), stage.postgres()]);
  const env = {
    CONNECTIONS: connections,
    POOL: String(poolFor(load.concurrency)),
    REDIS_PORT: String(redis.port),
  };
  const stock = await stage.program('node', 'traced/shop-stock.mjs', { ...env, POSTGRES_PORT: String(postgres.port) });
  const front = await stage.program('node', 'traced/shop-front.mjs', { ...env, STOCK_PORT: String(stock.port) });
  const nginx = await tracedNginx(stage, front.port);
  await recordClient(stage, file, nginx.port, [redis, postgres, stock, front, nginx], load);
};

const GET_PATHS = PATHS.filter((path) => path.startsWith('/'));

/** PostgreSQL and one instance of a Python program before it: what the other programs call. */
async function backend(stage, load, program = 'traced/threads.py') {
  const postgres = await stage.postgres();
  const env = { POOL: String(poolFor(load.concurrency)), POSTGRES_PORT: String(postgres.port) };
  const back = await stage.program('/usr/bin/python3', program, env);
  return { postgres, back, env: { ...env, BACK_PORT: String(back.port) } };
}

const pythonShop = (program) => async (stage, file, load) => {
  const { postgres, back, env } = await backend(stage, load, program);
  const front = await stage.program('/usr/bin/python3', program, env);
  await recordClient(stage, file, front.port, [postgres, back, front], { ...load, paths: GET_PATHS });
};

const javaPool = (settings) => async (stage, file, load) => {
  const { postgres, back, env } = await backend(stage, load);
  const pool = { ...env, POOL: String(Math.max(2, load.concurrency)) };
  const front = await stage.program('/usr/bin/java', 'traced/Pool.java', { ...pool, ...settings });
  await recordClient(stage, file, front.port, [postgres, back, front], { ...load, paths: GET_PATHS });
};

async function goKeepAlive(stage, file, load) {
  const { postgres, back, env } = await backend(stage, load);
  const front = await stage.goProgram('traced/goroutines.go', env);
  await recordClient(stage, file, front.port, [postgres, back, front], { ...load, paths: GET_PATHS });
}

/** A front door before one program. */
const frontDoor = (door) => async (stage, file, load) => {
  const { postgres, back } = await backend(stage, load);
  const front = await door(stage, back.port);
  await recordClient(stage, file, front.port, [postgres, back, front], { ...load, paths: GET_PATHS });
};

async function natsConsumer(stage, file, load) {
  const [redis, postgres, nats] = await Promise.all([stage.redis(), stage.postgres(), stage.nats()]);
  const env = { CONNECTIONS: 'pool', POOL: String(poolFor(load.concurrency)), NATS_PORT: String(nats.port) };
  const worker = await stage.program('node', 'traced/order-worker.mjs', {
    ...env,
    WORKERS: String(load.concurrency),
    REDIS_PORT: String(redis.port),
    POSTGRES_PORT: String(postgres.port),
  });
  const desk = await stage.program('node', 'traced/order-desk.mjs', env);
  // Dozens of messages come in one read: of 1024 bytes of it hardly any could be seen.
  // Orders are answered before they are worked on, so there is work left when the client has its last answer.
  const paths = ['/orders/{n}', '/visits/{n}', '/orders/{n}', '/nowhere', '/orders/9000'];
  await recordClient(stage, file, desk.port, [redis, postgres, nats, worker, desk], {
    ...load,
    paths,
    linger: 3000,
    payload: 8192,
  });
}

const NGINX = { file: '/usr/sbin/nginx', debian: 'nginx-light' };
const REDIS = { file: '/usr/bin/redis-server', debian: 'redis-server' };
const THREADS = { module: 'psycopg2', debian: 'python3-psycopg2' };
const JAVA = { file: '/usr/bin/javac', debian: 'openjdk-17-jdk-headless' };

/** By name: how it is recorded, and what that needs besides Node and PostgreSQL. */
export const TRUTH_CASES = {
  'node-own-connections': { record: nodeShop('own'), needs: [NGINX, REDIS] },
  'node-shared-pool': { record: nodeShop('pool'), needs: [NGINX, REDIS] },
  'node-one-connection': { record: nodeShop('one'), needs: [NGINX, REDIS] },
  'python-threads': { record: pythonShop('traced/threads.py'), needs: [THREADS] },
  'python-asyncio': {
    record: pythonShop('traced/tasks.py'),
    needs: [
      { module: 'aiohttp', debian: 'python3-aiohttp' },
      { module: 'asyncpg', debian: 'python3-asyncpg' },
    ],
  },
  'java-pool': { record: javaPool({}), needs: [THREADS, JAVA] },
  'java-hand-over': { record: javaPool({ HAND_OVER: '1' }), needs: [THREADS, JAVA] },
  'go-keep-alive': { record: goKeepAlive, needs: [THREADS, { file: '/usr/bin/go', debian: 'golang-go' }] },
  'nginx-front': { record: frontDoor(tracedNginx), needs: [THREADS, NGINX] },
  'haproxy-front': {
    record: frontDoor((stage, port) => stage.haproxy(port)),
    needs: [THREADS, { file: '/usr/sbin/haproxy', debian: 'haproxy' }],
  },
  'nats-consumer': { record: natsConsumer, needs: [REDIS, { file: '/usr/sbin/nats-server', debian: 'nats-server' }] },
};

/** The Debian packages that a case lacks on this machine. */
export function missingFor({ needs }) {
  const isThere = ({ file, module }) =>
    file === undefined
      ? spawnSync('/usr/bin/python3', ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0
      : existsSync(file);
  return [{ file: `${POSTGRES_BIN}/postgres`, debian: 'postgresql' }, ...needs]
    .filter((need) => !isThere(need))
    .map(({ debian }) => debian);
}
