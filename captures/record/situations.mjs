// The sample captures: what is started, and what is recorded of it. One function per folder in captures/.
import { setTimeout as sleep } from 'node:timers/promises';
import { record } from './stage.mjs';
import { TRUTH_CASES } from './truth-cases.mjs';

const pids = (...programs) => programs.flatMap(({ pid }) => ['--pid', String(pid)]);

async function shop(stage, settings) {
  const [redis, postgres] = await Promise.all([stage.redis(), stage.postgres()]);
  const api = await stage.shopApi({ redis, postgres, ...settings });
  const front = await stage.nginx(api.port);
  return { redis, postgres, api, front, url: `http://127.0.0.1:${front.port}` };
}

/** A case with trace context, small enough to share: 33 requests, eight at once. */
const sampleOf =
  ({ record: recordCase }) =>
  (stage, file) =>
    recordCase(stage, file, { concurrency: 8, requests: 33 });

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
  'haproxy-front': sampleOf(TRUTH_CASES['haproxy-front']),
  'nats-consumer': sampleOf(TRUTH_CASES['nats-consumer']),
};
