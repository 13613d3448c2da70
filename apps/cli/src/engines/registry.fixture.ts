import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Registry {
  url: string;
  close: () => Promise<void>;
}

/** An npm registry on this machine that has one package, made of `files`. */
export async function registryWith(name: string, version: string, files: Record<string, string>): Promise<Registry> {
  const tarball = packed(files);
  const server = createServer((request, response) => {
    const url = `http://${request.headers.host}/${name}.tgz`;
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    const manifest: unknown = JSON.parse(files['package.json']!);
    if (request.url === `/${name}.tgz`) response.end(tarball);
    else if (request.url === `/${name}`)
      response.end(
        JSON.stringify({
          name,
          'dist-tags': { latest: version },
          versions: { [version]: { ...(manifest as object), dist: { tarball: url, integrity } } },
        }),
      );
    else response.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function packed(files: Record<string, string>): Buffer {
  const folder = mkdtempSync(path.join(tmpdir(), 'monosema-package-'));
  mkdirSync(path.join(folder, 'package'));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, 'package', name), text);
  execFileSync('tar', ['-czf', path.join(folder, 'package.tgz'), '-C', folder, 'package']);
  const tarball = readFileSync(path.join(folder, 'package.tgz'));
  rmSync(folder, { recursive: true });
  return tarball;
}
