// An embedded PostgreSQL in the folder given, for a test that starts it as another user. Stops when its input ends.
import { startEmbeddedPostgres } from '../../src/server/database/embedded-postgres';

const server = await startEmbeddedPostgres(process.argv[2] ?? '');
console.log(server.url);
process.stdin.on('end', () => void server.stop()).resume();
