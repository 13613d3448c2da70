/** A process for tests: starts a server on the folder of its argument, says where, and stays until it is killed. */
import { startEmbeddedPostgres } from './start.ts';

const server = await startEmbeddedPostgres({ dir: process.argv[2]! });
console.log(JSON.stringify(server));
setInterval(() => {}, 60_000);
