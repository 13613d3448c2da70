import { createServer } from 'node:net';

/** Whether 127.0.0.1:`port` can be listened on. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * The port to listen on: `wanted`, which must be free, or the first free one from 3000.
 *
 * @throws Error when the wanted port is taken
 */
export async function choosePort(wanted: number | undefined): Promise<number> {
  if (wanted !== undefined) {
    if (await isFree(wanted)) return wanted;
    throw new Error(`port ${wanted} is taken by another program: choose another with --port`);
  }
  for (let port = 3000; port < 3100; port++) if (await isFree(port)) return port;
  throw new Error('no port from 3000 to 3099 is free: choose one with --port');
}
