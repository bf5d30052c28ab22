// Looks names up by UDP, as programs do before they connect. /hosts/NAME asks for both kinds of address at once,
// /services/NAME for a service and then for the address of what offers it, /texts/NAME for a text.
import { Resolver } from 'node:dns/promises';
import { createServer } from 'node:http';

const resolver = new Resolver({ tries: 1 });
resolver.setServers([`127.0.0.1:${process.env.NAMES_PORT}`]);

/** None is no failure: many names have but one kind. */
const orNone = (answer) => answer.catch((error) => (error.code === 'ENODATA' ? [] : Promise.reject(error)));

const LOOKUPS = {
  hosts: async (name) => (await Promise.all([resolver.resolve4(name), resolver.resolve6(name)].map(orNone))).flat(),
  services: async (name) => {
    const [{ name: host, port }] = await resolver.resolveSrv(name);
    return (await resolver.resolve4(host)).map((address) => `${address}:${port}`);
  },
  texts: async (name) => (await resolver.resolveTxt(name)).flat(),
};

const server = createServer(async (request, response) => {
  const [, kind, name] = request.url.split('/');
  try {
    response.end(JSON.stringify(await LOOKUPS[kind](name)));
  } catch (error) {
    response.writeHead(404).end(JSON.stringify({ error: error.code }));
  }
});
server.listen(Number(process.env.PORT), '127.0.0.1');
