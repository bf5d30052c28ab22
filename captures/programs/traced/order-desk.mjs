// Takes orders over HTTP, hands each on as a message, and answers before anybody has worked on it.
import { createServer } from 'node:http';
import { NatsConnection } from './nats-connection.mjs';
import { callUnder, headersOf, received } from './trace-context.mjs';

const nats = new NatsConnection(Number(process.env.NATS_PORT));

const server = createServer((request, response) => {
  request.resume();
  const number = /^\/(?:orders|visits)\/(\d+)$/.exec(request.url)?.[1];
  response.setHeader('content-type', 'application/json');
  if (number === undefined) {
    response.writeHead(404).end('{"error":"no such page"}');
    return;
  }
  nats.publish(`orders.${number}`, headersOf(callUnder(received(request.headers))), `{"product":${number}}`);
  response.writeHead(202).end('{}');
});
server.listen(Number(process.env.PORT), '127.0.0.1');
