import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { childEnvironment } from './env.ts';
import { projectRoot } from './project-root.ts';

const webFolder = path.join(projectRoot, 'apps/web');
const stampFile = path.join(webFolder, '.next/monosema-build');
/** What can end up in the web's bundle. */
const sources = ['apps/web', 'db', 'packages/api', 'packages/artifacts', 'packages/auth', 'packages/catalog', 'packages/jobs', 'packages/search', 'packages/ui', 'package-lock.json'];
const skipped = new Set(['node_modules', '.next', '.turbo', 'dist', 'test-results', 'next-env.d.ts']);

/** The next command line, from the web's own dependency. */
export const nextBinary = (): string => createRequire(path.join(webFolder, 'package.json')).resolve('next/dist/bin/next');

/** A hash of every file that the web is built from, by path and content. */
export function webContentHash(root = projectRoot): string {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0] ?? '');
  const add = (file: string): void => {
    hash.update(`\0${path.relative(root, file)}\0`).update(readFileSync(file));
  };
  const walk = (folder: string): void => {
    const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => !skipped.has(entry.name) && !entry.name.includes('.test.'));
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) walk(full);
      else if (entry.isFile()) add(full);
    }
  };
  for (const source of sources) {
    const full = path.join(root, source);
    if (source.endsWith('.json')) add(full);
    else if (existsSync(full)) walk(full);
  }
  return hash.digest('hex');
}

/** Whether the build on disk is of the sources on disk. */
export const isWebBuilt = (): boolean => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === webContentHash();

/**
 * Builds the web unless its sources are the ones that were built last; returns whether it built.
 * The stamp is written last, so that a build that was killed is built again.
 *
 * @throws Error with the end of the build's output
 */
export async function buildWeb(logFile: string, signal?: AbortSignal): Promise<boolean> {
  const hash = webContentHash();
  if (isWebBuilt()) return false;
  const log = createWriteStream(logFile);
  let tail = '';
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, [nextBinary(), 'build'], {
      cwd: webFolder,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      env: childEnvironment({ NODE_ENV: 'production' }),
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        log.write(chunk);
        tail = (tail + chunk.toString()).slice(-4000);
      });
    }
    child.once('error', reject);
    child.once('close', resolve);
  });
  log.end();
  if (code !== 0) throw new Error(`the web build failed (${logFile}):\n${tail}`);
  writeFileSync(stampFile, hash);
  return true;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const built = await buildWeb(path.join(tmpdir(), `monosema-web-build-${process.pid}.log`));
  console.log(built ? 'Built the web.' : 'The web is built already.');
}
