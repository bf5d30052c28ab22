// The sample captures: what is started, and what is recorded of it. One function per folder in captures/.
import { chmod } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, record } from './stage.mjs';
import { TRUTH_CASES } from './truth-cases.mjs';
import { recordBothHosts, TwoHosts } from './two-hosts.mjs';

const pids = (...programs) => programs.flatMap(({ pid }) => ['--pid', String(pid)]);

async function shop(stage, settings) {
  const [redis, postgres] = await Promise.all([stage.redis(), stage.postgres()]);
  const api = await stage.shopApi({ redis, postgres, ...settings });
  const front = await stage.nginx(api.port);
  return { redis, postgres, api, front, url: `http://127.0.0.1:${front.port}` };
}

/** A case with trace context, small enough to share: 33 requests, eight at once. */
const sampleOf =
  ({ record: recordCase }, settings = {}) =>
  (stage, file) =>
    recordCase(stage, file, { concurrency: 8, requests: 33, ...settings });

/** The cart's reads and writes, a cart that nobody filled, and a page that is not there. */
const CART_CLIENT = {
  REQUESTS: '10',
  PATHS: 'POST:/carts/1 /carts/1 POST:/carts/1 /carts/900 /nowhere',
  PAUSE_MS: '20',
};

export const SITUATIONS = {
  /** nginx → Node → Redis + PostgreSQL, one request after the other: cache misses, hits, a 404 and a page that is not there. */
  'nginx-node-one-at-a-time': async (stage, file) => {
    const { redis, postgres, api, front, url } = await shop(stage);
    const client = stage.client({
      URL: url,
      REQUESTS: '10',
      PATHS: '/products/1 /products/2 /products/1 /products/900 /nowhere',
      PAUSE_MS: '20',
    });
    await record(file, [...pids(redis, postgres, api, front), '--', ...client.command], client.env);
  },

  /** The same with eight clients at once, each asking for products of its own. */
  'nginx-node-concurrency-8': async (stage, file) => {
    const { redis, postgres, api, front, url } = await shop(stage);
    const client = stage.client({ URL: url, REQUESTS: '64', CONCURRENCY: '8' });
    await record(file, [...pids(redis, postgres, api, front), '--', ...client.command], client.env);
  },

  /** A threaded Python server → PostgreSQL, four clients at once; one request in eight fails. */
  'python-threads-postgres': async (stage, file) => {
    const postgres = await stage.postgres();
    const api = await stage.threadedApi({ postgres });
    const client = stage.client({
      URL: `http://127.0.0.1:${api.port}`,
      REQUESTS: '32',
      CONCURRENCY: '4',
      PATHS: Array.from({ length: 8 }, (_, n) => (n === 7 ? '/products/none' : '/products/{n}')).join(' '),
    });
    await record(file, [...pids(postgres, api), '--', ...client.command], client.env);
  },

  /** nginx → php-fpm over FastCGI → Redis: answers, a product that is not there, an exception, and a script that is not there. */
  'nginx-php-fpm': async (stage, file) => {
    const redis = await stage.redis();
    const php = await stage.phpShop({ redis });
    const front = await stage.nginx(php.port, 'nginx-php.conf');
    const client = stage.client({
      URL: `http://127.0.0.1:${front.port}`,
      REQUESTS: '10',
      PATHS: '/products/1 /products/2 /products/900 /products/none /gone.php',
      PAUSE_MS: '20',
    });
    await record(file, [...pids(redis, php, front), '--', ...client.command], client.env);
  },

  /** Node.js → Node.js over HTTPS, with what OpenSSL encrypts: items that are there, and one in three that is not. */
  'node-https': async (stage, file) => {
    const certificate = await stage.certificate();
    const stock = await stage.httpsApi({ certificate });
    const orders = await stage.httpsApi({ certificate, backend: stock });
    const client = stage.client({
      URL: `https://127.0.0.1:${orders.port}`,
      REQUESTS: '9',
      PATHS: '/orders/1 /orders/2 /orders/900',
      PAUSE_MS: '20',
      NODE_EXTRA_CA_CERTS: certificate.certificate,
    });
    await record(file, ['--tls', ...pids(stock, orders), '--', ...client.command], client.env);
  },

  /** nginx → Node → Redis, each by a unix socket. */
  'unix-sockets': async (stage, file) => {
    const redis = await stage.redisOnSocket();
    const path = join(stage.folder, 'api.sock');
    const env = { LISTEN: path, REDIS: redis.path };
    const api = await stage.startAt('node', ['captures/programs/cart-api.mjs'], { path }, { env });
    // nginx's workers run as another user.
    await chmod(path, 0o666);
    const front = await stage.nginx(`unix:${path}`);
    const client = stage.client({ URL: `http://127.0.0.1:${front.port}`, ...CART_CLIENT });
    await record(file, [...pids(redis, api, front), '--', ...client.command], client.env);
  },

  /** Node → dnsmasq over UDP: pairs of lookups at once, one after the other, and a name that is not there. */
  'dns-lookups': async (stage, file) => {
    const names = await stage.dnsmasq();
    const api = await stage.program('node', 'names-api.mjs', { NAMES_PORT: String(names.port) });
    const paths = ['hosts/stock', 'hosts/orders', 'services/_http._tcp', 'texts/version', 'hosts/nobody'];
    const client = stage.client({
      URL: `http://127.0.0.1:${api.port}`,
      REQUESTS: '10',
      PATHS: paths.map((path) => `/${path}.shop.test`).join(' '),
      PAUSE_MS: '20',
    });
    await record(file, [...pids(names, api), '--', ...client.command], client.env);
  },

  /** nginx on one host, Node and Redis on another, each recorded by itself, with the packets between them. */
  'two-hosts': async (stage, file) => {
    const hosts = await TwoHosts.open(stage);
    try {
      const redisPort = await freePort();
      const redis = stage.spawn(...hosts.onApp('redis-server', '--port', String(redisPort), '--save', ''));
      const port = await freePort();
      const env = { LISTEN: `${hosts.appAddress}:${port}`, REDIS: String(redisPort) };
      const place = { host: hosts.appAddress, port };
      const api = await stage.startAt(...hosts.onApp('node', 'captures/programs/cart-api.mjs'), place, { env });
      const front = await stage.nginx(env.LISTEN);
      const client = stage.client({ URL: `http://127.0.0.1:${front.port}`, ...CART_CLIENT });
      await recordBothHosts(stage, hosts, dirname(file), {
        app: pids(redis, api),
        web: [...pids(front), '--', ...client.command],
        env: client.env,
      });
    } finally {
      hosts.close();
    }
  },

  /** All connections are open and busy before the recording begins, and go on after it ends. */
  'start-mid-connection': async (stage, file) => {
    const { redis, postgres, api, front, url } = await shop(stage);
    const client = stage.startClient({
      URL: url,
      REQUESTS: '100000',
      CONCURRENCY: '2',
      PATHS: '/products/1 /products/2 /products/3 /products/900',
      PAUSE_MS: '25',
    });
    await sleep(1000);
    await record(file, [...pids(redis, postgres, api, front, client), '--duration', '1']);
  },

  /** Programs that hand trace context on, so that `causeway score` can tell how many links are right. */
  'node-shared-pool': sampleOf(TRUTH_CASES['node-shared-pool']),
  'node-one-connection': sampleOf(TRUTH_CASES['node-one-connection']),
  'python-asyncio': sampleOf(TRUTH_CASES['python-asyncio']),
  'java-hand-over': sampleOf(TRUTH_CASES['java-hand-over']),
  'go-keep-alive': sampleOf(TRUTH_CASES['go-keep-alive']),
  'go-goroutines': sampleOf(TRUTH_CASES['go-keep-alive'], { options: ['--go'] }),
  'haproxy-front': sampleOf(TRUTH_CASES['haproxy-front']),
  'nats-consumer': sampleOf(TRUTH_CASES['nats-consumer']),
};
