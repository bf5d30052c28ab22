// An HTTPS server. With BACKEND it asks another one for each request, over one connection that it keeps.
import { readFileSync } from 'node:fs';
import { Agent, createServer, get } from 'node:https';

const { PORT, KEY, CERTIFICATE, BACKEND } = process.env;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function ask(path) {
  return new Promise((resolve, reject) => {
    get(BACKEND + path, { agent }, (response) => {
      let body = '';
      response.on('data', (data) => {
        body += data;
      });
      response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(body) }));
    }).on('error', reject);
  });
}

const server = createServer({ key: readFileSync(KEY), cert: readFileSync(CERTIFICATE) }, async (request, response) => {
  const answer = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const [, kind, number] = /^\/(orders|stock)\/(\d+)$/.exec(request.url) ?? [];
  if (kind === undefined) return answer(404, { error: 'no such page' });
  if (BACKEND === undefined) return answer(Number(number) > 100 ? 404 : 200, { item: Number(number), left: 3 });
  const { status, body } = await ask(`/stock/${number}`);
  return answer(status, { order: Number(number), stock: body });
});
server.listen(Number(PORT), '127.0.0.1');
