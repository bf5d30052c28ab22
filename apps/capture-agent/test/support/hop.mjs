// `serve PORT N`: an HTTP server on all addresses that answers N requests and ends. `ask URL N`: asks N times.
import { Agent, createServer, get } from 'node:http';

const [role, where, count] = process.argv.slice(2);
let left = Number(count);
if (role === 'serve') {
  const server = createServer((request, response) => {
    response.end(`answer to ${request.url}`);
    left -= 1;
    if (left === 0) server.close();
  });
  server.listen(Number(where), '0.0.0.0');
} else {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (attempts = 100) => {
    get(`${where}/${left}`, { agent }, (response) => {
      response.resume();
      response.on('end', () => {
        left -= 1;
        if (left > 0) ask();
        else agent.destroy();
      });
    }).on('error', (error) => {
      // The server may not listen yet.
      if (error.code !== 'ECONNREFUSED' || attempts === 0) throw error;
      setTimeout(() => ask(attempts - 1), 50);
    });
  };
  ask();
}
