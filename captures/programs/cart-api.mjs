// Counts what is put into a cart, in Redis. LISTEN and REDIS are a port of 127.0.0.1, an address with a port, or the
// path of a unix socket. GET /carts/N tells the count, POST adds one.
import { createServer } from 'node:http';
import Redis from 'ioredis';

function placeOf(text) {
  if (text.startsWith('/')) return { path: text };
  const [port, host = '127.0.0.1'] = text.split(':').reverse();
  return { host, port: Number(port) };
}

const redis = new Redis(placeOf(process.env.REDIS));

const server = createServer(async (request, response) => {
  const id = /^\/carts\/(\d+)$/.exec(request.url)?.[1];
  const key = `cart:${id}`;
  let [status, body] = [404, { error: 'no such page' }];
  if (id !== undefined && request.method === 'POST') {
    [status, body] = [201, { items: await redis.incr(key) }];
  } else if (id !== undefined) {
    const items = await redis.get(key);
    [status, body] = items === null ? [404, { error: `no cart ${id}` }] : [200, { items: Number(items) }];
  }
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
});
await redis.ping();
server.listen(placeOf(process.env.LISTEN));
