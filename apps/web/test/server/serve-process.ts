// A server in a process of its own, for tests that kill it: tsx serve-process.ts FOLDER. Prints its address.
import { startTestServer } from './harness';

const server = await startTestServer(process.argv[2] ?? '', { port: Number(process.argv[3] ?? 0) });
console.log(server.url);
process.on('SIGTERM', async () => {
  await server.close();
  process.exit(0);
});
