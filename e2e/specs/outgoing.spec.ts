import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';

const preload = path.resolve(import.meta.dirname, '../refuse-outgoing.mjs');

function runUnderWatch(code: string): { output: string; outgoing: string } {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'monosema-outgoing-')), 'log');
  const output = execFileSync(process.execPath, ['--import', preload, '--input-type=module', '-e', code], {
    encoding: 'utf8',
    env: { ...process.env, MONOSEMA_OUTGOING: file },
  });
  let outgoing = '';
  try {
    outgoing = readFileSync(file, 'utf8');
  } catch {
    // nothing was refused
  }
  return { output, outgoing };
}

test('the watch refuses and records a connection that would leave the machine, and lets local ones pass', () => {
  const away = runUnderWatch(`await fetch('http://203.0.113.7/').catch((e) => console.log(e.cause?.message ?? e.message)); await fetch('http://example.invalid/').catch((e) => console.log(e.cause?.message ?? e.message));`);
  expect(away.output).toContain('refused under test');
  expect(away.outgoing).toContain('connect 203.0.113.7');
  expect(away.outgoing).toContain('example.invalid');
  const local = runUnderWatch(`import http from 'node:http'; const s = http.createServer((q, r) => r.end('here')).listen(0, '127.0.0.1', async () => { console.log(await (await fetch('http://127.0.0.1:' + s.address().port)).text()); s.close(); });`);
  expect(local.output).toContain('here');
  expect(local.outgoing).toBe('');
});
