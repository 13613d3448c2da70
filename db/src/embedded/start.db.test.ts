import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { serverAccount } from './account.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './start.ts';

const isRoot = userInfo().uid === 0;
const fixture = fileURLToPath(new URL('start.fixture.ts', import.meta.url));
const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** A cluster that was made once; most tests start from a copy. */
let prepared: string;
let folder: string;
let servers: EmbeddedPostgres[];
let children: ChildProcess[];
beforeAll(async () => {
  prepared = mkdtempSync(path.join(tmpdir(), 'monosema-prepared-'));
  chmodSync(prepared, 0o755);
  const server = await startEmbeddedPostgres({ dir: path.join(prepared, 'data'), fast: true });
  await server.stop();
});
afterAll(() => rmSync(prepared, { recursive: true, force: true }));
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'monosema-embedded-'));
  chmodSync(folder, 0o755);
  servers = [];
  children = [];
});
afterEach(async () => {
  for (const server of servers) await server.stop();
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

async function start(dir: string, options: { port?: number } = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dir, fast: true, ...options });
  servers.push(server);
  return server;
}

/** A copy of the prepared cluster, so that a test need not wait for initdb. */
function copied(name = 'a'): string {
  const dir = path.join(folder, name);
  spawnSync('cp', ['-a', path.join(prepared, 'data'), dir]);
  return dir;
}

/** The same in a process of its own, which can be killed. */
async function startElsewhere(dir: string, identity: { uid?: number; gid?: number } = {}): Promise<EmbeddedPostgres> {
  const child = spawn(process.execPath, ['--import', 'tsx', fixture, dir], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...identity,
  });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return JSON.parse(line.toString()) as EmbeddedPostgres;
}

async function query<T extends object>(url: string, text: string): Promise<T[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return [...(await sql.unsafe<T[]>(text))];
  } finally {
    await sql.end();
  }
}

const write = (url: string) => query(url, 'create table kept as select 42 as answer');
const read = (url: string) => query<{ answer: number }>(url, 'select answer from kept');

describe('one start after the other', () => {
  test('keeps the data, listens on 127.0.0.1 only and behind a password of its own', async () => {
    const dir = path.join(folder, 'a');
    const first = await start(dir);
    expect(first).toMatchObject({ dir, shared: false });
    await write(first.url);
    expect(await query(first.url, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect(await query(first.url, 'show unix_socket_directories')).toEqual([{ unix_socket_directories: '' }]);
    expect(statSync(path.join(dir, 'password')).mode & 0o777).toBe(0o600);
    expect(readFileSync(path.join(dir, 'password'), 'utf8')).toHaveLength(32);
    await expect(query(first.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow(
      'password authentication',
    );
    await first.stop();
    await first.stop();
    await expect(query(first.url, 'select 1')).rejects.toThrow();
    const second = await start(dir);
    expect(await read(second.url)).toEqual([{ answer: 42 }]);
  });

  test('after kill -9 of the process that started it, everything committed is there', async () => {
    const dir = copied();
    const first = await startElsewhere(dir);
    await write(first.url);
    children[0]!.kill('SIGKILL');
    const second = await start(dir);
    expect(second).toMatchObject({ dir: first.dir, shared: false });
    expect(second.pid).not.toBe(first.pid);
    expect(await read(second.url)).toEqual([{ answer: 42 }]);
  });

  test('after kill -9 of the server too, everything committed is there', async () => {
    const dir = copied();
    const first = await startElsewhere(dir);
    await write(first.url);
    process.kill(first.pid, 'SIGKILL');
    children[0]!.kill('SIGKILL');
    const second = await start(dir);
    expect(await read(second.url)).toEqual([{ answer: 42 }]);
  });

  test('a server that outlived its owner is stopped and started anew', async () => {
    const dir = copied();
    const orphan = await start(dir);
    await write(orphan.url);
    const owner = path.join(orphan.dir, 'owner.json');
    writeFileSync(owner, JSON.stringify({ server: orphan.pid, pid: 2 ** 22 + 1, born: '1' }));
    const second = await start(dir);
    expect(second).toMatchObject({ shared: false });
    expect(second.pid).not.toBe(orphan.pid);
    expect(await read(second.url)).toEqual([{ answer: 42 }]);
  });

  test('a postmaster.pid whose number belongs to another program by now is no obstacle', async () => {
    const dir = copied();
    const first = await start(dir);
    await first.stop();
    const lines = [process.pid, path.join(first.dir, 'cluster'), 1, 5432, '', '127.0.0.1', '', 'ready'];
    writeFileSync(path.join(first.dir, 'cluster', 'postmaster.pid'), lines.join('\n'));
    expect(await start(dir)).toMatchObject({ shared: false });
  });
});

describe('two at once', () => {
  test('on one folder share the server, and the guest does not stop it', async () => {
    const dir = copied();
    const host = await startElsewhere(dir);
    const guest = await start(dir);
    expect(guest).toMatchObject({ shared: true, url: host.url, pid: host.pid });
    await guest.stop();
    expect(await query(host.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('on a folder that neither has seen, one starts it and both have it', async () => {
    const dir = path.join(folder, 'a');
    const [one, other] = await Promise.all([startElsewhere(dir), startElsewhere(dir)]);
    expect(one.url).toBe(other.url);
    expect(await query(one.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('on two folders do not meet', async () => {
    const [a, b] = await Promise.all([start(path.join(folder, 'a')), start(path.join(folder, 'b'))]);
    expect(a.port).not.toBe(b.port);
    await write(a.url);
    await expect(read(b.url)).rejects.toThrow('does not exist');
    await expect(query(b.url.replace(String(b.port), String(a.port)), 'select 1')).rejects.toThrow('password');
  });
});

describe('what cannot work says why', () => {
  test('a port that is taken', async () => {
    const dir = copied();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(start(dir, { port })).rejects.toThrow(`port ${port} of 127.0.0.1 is in use`);
    other.close();
  });

  test('a damaged cluster, with the end of the log', async () => {
    const dir = copied();
    const server = await start(dir);
    await server.stop();
    rmSync(path.join(server.dir, 'cluster', 'global', 'pg_control'));
    await expect(start(dir)).rejects.toThrow(/did not start[^]*database system/);
  });

  test('a folder that holds something else', async () => {
    writeFileSync(path.join(folder, 'letter.txt'), 'Dear Ada');
    await expect(start(folder)).rejects.toThrow('holds other things than an embedded database (letter.txt)');
  });

  test('a password that was lost', async () => {
    const dir = copied();
    const server = await start(dir);
    await server.stop();
    rmSync(path.join(server.dir, 'password'));
    await expect(start(dir)).rejects.toThrow('password is missing');
  });
});

describe('whoever starts it', () => {
  test.skipIf(!isRoot)('root, with data below a closed folder: it goes below /var/lib and stays there', async () => {
    const closed = path.join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const first = await start(path.join(closed, 'data'));
    expect(first.dir).toMatch(/^\/var\/lib\/monosema\/[0-9a-f]{16}$/);
    await write(first.url);
    await first.stop();
    chmodSync(closed, 0o755);
    const second = await start(path.join(closed, 'data'));
    expect(second.dir).toBe(first.dir);
    expect(await read(second.url)).toEqual([{ answer: 42 }]);
    await second.stop();
    rmSync(first.dir, { recursive: true });
  });

  test.skipIf(!isRoot)('an ordinary user, in place', async () => {
    // Root's tests play an ordinary user; that user must be able to read the checkout, which below /root is not so.
    const account = serverAccount()!;
    const readable = spawnSync(process.execPath, ['--version'], { uid: account.uid, gid: account.gid, cwd: '/' });
    const seen = spawnSync('test', ['-r', fixture], { uid: account.uid, gid: account.gid, cwd: '/' });
    if (readable.status !== 0 || seen.status !== 0) return;
    const home = path.join(folder, 'home');
    mkdirSync(home);
    spawnSync('chown', [`${account.uid}:${account.gid}`, home]);
    const server = await startElsewhere(path.join(home, 'data'), { uid: account.uid, gid: account.gid });
    expect(server.dir).toBe(path.join(home, 'data'));
    await write(server.url);
    children[0]!.kill('SIGKILL');
    await expect
      .poll(() => existsSync(path.join(server.dir, 'cluster', 'postmaster.pid')), { timeout: 10_000 })
      .toBe(false);
  });

  test.skipIf(isRoot)('an ordinary user, below a closed folder of their own', async () => {
    const closed = path.join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    expect(await start(path.join(closed, 'data'))).toMatchObject({ dir: path.join(closed, 'data') });
  });
});

test('a throwaway server is gone with its process, folder and all', async () => {
  const script = `import { startEmbeddedPostgres } from '${new URL('start.ts', import.meta.url).href}';
    await startEmbeddedPostgres({ dir: process.argv[1], throwaway: true }); process.kill(process.pid, 'SIGKILL');`;
  const dir = copied();
  spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, dir], { cwd: repository });
  await expect.poll(() => existsSync(path.join(dir, 'cluster')), { timeout: 10_000 }).toBe(false);
});
