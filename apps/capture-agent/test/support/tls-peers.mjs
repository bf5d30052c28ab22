// An HTTPS server and its client in one process. Prints what each of them was told, and waits for a line before it begins.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { createInterface } from 'node:readline';

const [key, cert, name] = process.argv.slice(2);
const said = [];
const server = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
  said.push(`${request.method} ${request.url}`);
  response.end(`${name} answers ${request.url} `.repeat(40));
});

function get(path, port, agent) {
  return new Promise((resolve, reject) => {
    https
      .get({ host: '127.0.0.1', port, path, agent }, (response) => {
        let body = '';
        response.on('data', (data) => {
          body += data;
        });
        response.on('end', () => resolve(body));
      })
      .on('error', reject);
  });
}

server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  const agents = [0, 1].map(() => new https.Agent({ keepAlive: true, rejectUnauthorized: false }));
  if (process.argv[5] === 'wait') {
    console.log('ready');
    await new Promise((resolve) => createInterface(process.stdin).once('line', resolve));
  }
  const bodies = [];
  for (let round = 0; round < 2; round += 1) {
    // Two connections at once, each used again.
    bodies.push(...(await Promise.all(agents.map((agent, i) => get(`/${name}/${round}${i}`, port, agent)))));
  }
  console.log(JSON.stringify({ said, bodies }));
  for (const agent of agents) agent.destroy();
  server.close();
  process.stdin.destroy();
});
