// A running program for the live test: answers each request with its own path.
import { createServer } from 'node:http';

const server = createServer((request, response) => response.end(request.url));
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
