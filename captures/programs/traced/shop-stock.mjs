// The second of two Node programs: PostgreSQL, with Redis before it for prices.
//   /stock/N     two statements, one after the other; the second takes a moment now and then; 404 without a product
//   /price/N     cache, else one statement and the cache filled
//   POST /orders a statement that writes, then the cache
import { createServer } from 'node:http';
import { cache, cached, query } from './connections.mjs';
import { callUnder, received } from './trace-context.mjs';

async function stock(context, id) {
  const [product] = await query(callUnder(context), `SELECT id, name FROM product WHERE id = ${id}`);
  if (product === undefined) return { status: 404, body: { error: `no product ${id}` } };
  const wait = id % 5 === 0 ? `, pg_sleep(0.00${1 + (id % 9)})` : '';
  const [{ count }] = await query(
    callUnder(context),
    `SELECT count(*)${wait} FROM review WHERE product_id = ${id}${wait && ' GROUP BY product_id'}`,
  );
  return { status: 200, body: { ...product, reviews: Number(count) } };
}

async function price(context, id) {
  const known = await cached(callUnder(context), `price:${id}`);
  if (known !== undefined) return { status: 200, body: known };
  const [row] = await query(callUnder(context), `SELECT price FROM product WHERE id = ${id}`);
  if (row === undefined) return { status: 404, body: { error: `no product ${id}` } };
  await cache(callUnder(context), `price:${id}`, row);
  return { status: 200, body: row };
}

async function newOrder(context, { product }) {
  await query(callUnder(context), `UPDATE product SET price = price + 1 WHERE id = ${product}`);
  await cache(callUnder(context), `last-order:${product}`, { product });
  return { status: 201, body: { product } };
}

async function bodyOf(request) {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += piece;
  return text === '' ? undefined : JSON.parse(text);
}

async function handle(request, context) {
  const body = await bodyOf(request);
  if (request.method === 'POST') return newOrder(context, body);
  const [, kind, number] = /^\/(stock|price)\/(\d+)$/.exec(request.url) ?? [];
  if (kind === 'stock') return stock(context, Number(number));
  if (kind === 'price') return price(context, Number(number));
  return { status: 404, body: { error: 'no such page' } };
}

const server = createServer(async (request, response) => {
  let answer;
  try {
    answer = await handle(request, received(request.headers));
  } catch (error) {
    answer = { status: 500, body: { error: error.message } };
  }
  response.writeHead(answer.status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer.body));
});
server.listen(Number(process.env.PORT), '127.0.0.1');
