import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { startEmbeddedPostgres } from '@monosema/db/embedded';
import { freePort } from '../free-port.ts';

const root = path.resolve(import.meta.dirname, '../..');
const docker = path.join(root, 'docker');

test('RUN and CMD lines, and compose commands, are scripts that exist and can be run', () => {
  const lines = readdirSync(docker)
    .filter((file) => file.endsWith('.Dockerfile') || file === 'compose.yaml')
    .flatMap((file) => readFileSync(path.join(docker, file), 'utf8').split('\n').map((line) => ({ file, line })));
  const commands = lines.filter(({ line }) => /^(RUN|CMD)\s|^\s+command:/.test(line) && !/RUN mkdir/.test(line));
  expect(commands.length).toBeGreaterThanOrEqual(9);
  for (const { file, line } of commands) {
    const script = /docker\/[a-z-]+\.sh/.exec(line)?.[0];
    expect(script, `${file}: ${line}`).toBeTruthy();
    accessSync(path.join(root, script!), constants.X_OK);
  }
});

test('every kind of worker has a service, and every service a known worker', () => {
  const compose = readFileSync(path.join(docker, 'compose.yaml'), 'utf8');
  const started = [...compose.matchAll(/start-worker\.sh, ([a-z-]+)/g)].map((match) => match[1]).sort();
  expect(started).toEqual(readdirSync(path.join(root, 'workers')).sort());
});

test('the scripts build the web, prepare a database, serve and run a worker', async () => {
  test.setTimeout(300_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'monosema-docker-'));
  const postgres = await startEmbeddedPostgres({ dir: path.join(folder, 'postgres'), fast: true });
  const port = await freePort();
  const env = { ...process.env, DATABASE_URL: postgres.url, MONOSEMA_DATA: folder, AUTH_SECRET: 'x'.repeat(40), AUTH_URL: `http://127.0.0.1:${port}`, HOST: '127.0.0.1', PORT: String(port) };
  const children: ChildProcess[] = [];
  try {
    execFileSync(path.join(docker, 'build-web.sh'), { env, stdio: 'pipe' });
    for (const _ of [1, 2]) execFileSync(path.join(docker, 'migrate.sh'), { env, stdio: 'pipe' });
    children.push(spawn(path.join(docker, 'start-web.sh'), { env, stdio: 'ignore' }));
    const worker = spawn(path.join(docker, 'start-worker.sh'), ['index-search'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(worker);
    let log = '';
    worker.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await expect.poll(async () => (await fetch(`http://127.0.0.1:${port}/stories-260k`).catch(() => null))?.status, { timeout: 60_000 }).toBe(200);
    await expect.poll(() => log, { timeout: 30_000 }).toContain('index-search');
    expect(worker.exitCode).toBeNull();
  } finally {
    await Promise.all(children.map((child) => new Promise((resolve) => (child.exitCode === null ? (child.once('exit', resolve), child.kill()) : resolve(null)))));
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
