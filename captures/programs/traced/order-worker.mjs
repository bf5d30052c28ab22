// Works on the orders that come as messages, up to WORKERS at once: a statement, now and then a second one, and a count.
// It serves PORT only to say that it is there.
import { createServer } from 'node:http';
import { note, query } from './connections.mjs';
import { NatsConnection } from './nats-connection.mjs';
import { callUnder, received } from './trace-context.mjs';

const waiting = [];
let busy = 0;

async function work(headers, payload) {
  const context = received(headers);
  const { product } = JSON.parse(payload);
  const [found] = await query(callUnder(context), `SELECT price FROM product WHERE id = ${product}`);
  if (found !== undefined && product % 3 === 0) {
    await query(callUnder(context), `UPDATE product SET price = ${found.price + 1} WHERE id = ${product}`);
  }
  await note(callUnder(context), `sold:${product}`);
}

async function next() {
  if (busy >= Number(process.env.WORKERS) || waiting.length === 0) return;
  busy += 1;
  const { headers, payload } = waiting.shift();
  await work(headers, payload).catch(console.error);
  busy -= 1;
  next();
}

const nats = new NatsConnection(Number(process.env.NATS_PORT), (_subject, headers, payload) => {
  waiting.push({ headers, payload });
  next();
});
nats.subscribe('orders.*');
createServer((_request, response) => response.end()).listen(Number(process.env.PORT), '127.0.0.1');
