import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DataFolder } from './data-folder.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'monosema-data-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a secret is made once and is for its owner only', () => {
  const data = new DataFolder(folder);
  expect(data.secret('auth')).toHaveLength(43);
  expect(new DataFolder(folder).secret('auth')).toBe(data.secret('auth'));
  expect(statSync(path.join(folder, 'auth.secret')).mode & 0o777).toBe(0o600);
});

test('the claim of a dead or foreign process does not block a start', () => {
  const data = new DataFolder(folder);
  for (const left of ['{"pid":4194999,"url":"x"}', `{"pid":1,"url":"x"}`, '{"pid":', '']) {
    writeFileSync(path.join(folder, 'launch.json'), left);
    expect(data.holder()).toBeNull();
  }
  data.lock('http://127.0.0.1:3000');
  expect(JSON.parse(readFileSync(path.join(folder, 'launch.json'), 'utf8'))).toEqual({ pid: process.pid, url: 'http://127.0.0.1:3000' });
});
