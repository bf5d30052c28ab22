// Sends REQUESTS requests to URL over keep-alive connections, CONCURRENCY at a time. PATHS are asked in turn; a path's
// "{n}" becomes the number of the request. A pause between rounds keeps the capture easy to read.
import * as http from 'node:http';
import * as https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

const {
  URL: url,
  REQUESTS = '10',
  CONCURRENCY = '1',
  PATHS = '/products/{n}',
  PAUSE_MS = '0',
  ROUNDS = '1',
} = process.env;
const paths = PATHS.split(' ');
const { Agent, get } = url.startsWith('https:') ? https : http;
const agent = new Agent({ keepAlive: true, maxSockets: Number(CONCURRENCY) });

function ask(n) {
  const path = paths[n % paths.length].replace('{n}', String(n + 1));
  return new Promise((resolve, reject) => {
    get(url + path, { agent }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    }).on('error', reject);
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
console.log(JSON.stringify(statuses));
