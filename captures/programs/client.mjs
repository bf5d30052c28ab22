// Sends REQUESTS requests to URL over keep-alive connections, CONCURRENCY at a time. PATHS are asked in turn; a path's
// "{n}" becomes the number of the request, from 1 again after NUMBERS, "POST:" before it makes it a write. A pause
// between rounds keeps the capture easy to read. With TRACED each request begins a trace of its own, told in its
// headers. LINGER_MS: how long to stay when all is answered, for whoever records until the client ends.
import * as http from 'node:http';
import * as https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { headersOf, newRoot } from './traced/trace-context.mjs';

const {
  URL: url,
  REQUESTS = '10',
  CONCURRENCY = '1',
  PATHS = '/products/{n}',
  PAUSE_MS = '0',
  ROUNDS = '1',
  NUMBERS = '1000000',
  LINGER_MS = '0',
  TRACED,
} = process.env;
const paths = PATHS.split(' ');
const { Agent, request } = url.startsWith('https:') ? https : http;
const agent = new Agent({ keepAlive: true, maxSockets: Number(CONCURRENCY) });

function ask(n) {
  const [, method = 'GET', path] = /^(?:([A-Z]+):)?(.*)$/.exec(
    paths[n % paths.length].replace('{n}', String(1 + (n % Number(NUMBERS)))),
  );
  const headers = TRACED === undefined ? {} : headersOf(newRoot());
  return new Promise((resolve, reject) => {
    request(url + path, { agent, method, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    })
      .on('error', reject)
      .end();
  });
}

const statuses = {};
for (let round = 0; round < Number(ROUNDS); round += 1) {
  let next = 0;
  const worker = async () => {
    while (next < Number(REQUESTS)) {
      const status = await ask(next++);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (Number(PAUSE_MS) > 0) await sleep(Number(PAUSE_MS));
    }
  };
  await Promise.all(Array.from({ length: Number(CONCURRENCY) }, worker));
}
agent.destroy();
await sleep(Number(LINGER_MS));
console.log(JSON.stringify(statuses));
