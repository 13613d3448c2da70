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
  const services = [...compose.matchAll(/^ {2}([a-z-]+):\n {4}<<: \*(gpu-)?worker\n {4}command: \[docker\/start-worker\.sh, ([a-z-]+)\]$/gm)];
  const [gpu, plain] = [true, false].map((wanted) => services.filter((match) => (match[2] !== undefined) === wanted).map((match) => match[3]));
  expect(plain!.sort()).toEqual(readdirSync(path.join(root, 'workers')).sort());
  // Whatever computes has a twin for graphics cards.
  expect(gpu!.sort()).toEqual(['build-dashboards', 'preview-steering', 'train-sae']);
});

test('the GPU image has a Node that TensorFlow.js runs on, and the engine in a folder that no volume hides', () => {
  const image = readFileSync(path.join(docker, 'worker-gpu.Dockerfile'), 'utf8');
  expect(image).toMatch(/^FROM node:22-/m); // tfjs-node 4.22 was made for Node 22 and older
  expect(image).toMatch(/^FROM nvidia\/cuda:11\.\S+-cudnn8-/m);
  expect(/^ENV MONOSEMA_ENGINES=(.*)$/m.exec(image)?.[1]).toMatch(/^\/(?!data\b)/);
  expect(image.indexOf('RUN docker/install-gpu.sh')).toBeGreaterThan(image.indexOf('ENV MONOSEMA_ENGINES'));
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
