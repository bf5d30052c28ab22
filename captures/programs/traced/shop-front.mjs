// The first of two Node programs: asks the cache, then the stock program, once or several times at the same time.
//   /orders/N    cache, else stock and price at once, then fills the cache
//   /pages/N     three products at once
//   /visits/N    answers first, and notes the visit afterwards
//   POST /orders one call that writes
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { cache, cached, fetchJson, note } from './connections.mjs';
import { callUnder, received } from './trace-context.mjs';

const { PORT, STOCK_PORT } = process.env;
const ask = (context, path, options) => fetchJson(callUnder(context), Number(STOCK_PORT), path, options);

async function order(context, id) {
  const known = await cached(callUnder(context), `order:${id}`);
  if (known !== undefined) return { status: 200, body: known };
  const [stock, price] = await Promise.all([ask(context, `/stock/${id}`), ask(context, `/price/${id}`)]);
  if (stock.status !== 200) return stock;
  const body = { ...stock.body, ...price.body };
  await cache(callUnder(context), `order:${id}`, body);
  return { status: 200, body };
}

async function page(context, first) {
  const answers = await Promise.all([0, 1, 2].map((n) => ask(context, `/stock/${first + n}`)));
  return { status: 200, body: answers.map(({ body }) => body) };
}

async function visit(context, id) {
  await sleep(id % 7);
  const price = await ask(context, `/price/${id}`);
  return { ...price, after: () => note(callUnder(context), `visits:${id}`) };
}

async function handle(request, context) {
  const [, kind, number] = /^\/([a-z]+)(?:\/(\d+))?$/.exec(request.url) ?? [];
  if (request.method === 'POST' && kind === 'orders') {
    return ask(context, '/orders', { method: 'POST', body: { product: 1 + (parseInt(context.span, 16) % 500) } });
  }
  const id = Number(number);
  if (number !== undefined && kind === 'orders') return order(context, id);
  if (number !== undefined && kind === 'pages') return page(context, id);
  if (number !== undefined && kind === 'visits') return visit(context, id);
  return { status: 404, body: { error: 'no such page' } };
}

const server = createServer(async (request, response) => {
  request.resume();
  let answer;
  try {
    answer = await handle(request, received(request.headers));
  } catch (error) {
    answer = { status: 500, body: { error: error.message } };
  }
  response.writeHead(answer.status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer.body));
  answer.after?.().catch(() => {});
});
server.listen(Number(PORT), '127.0.0.1');
