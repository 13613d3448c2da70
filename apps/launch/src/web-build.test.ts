import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { webContentHash } from './web-build.ts';

let root: string;
const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
};
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'monosema-web-'));
  write('package-lock.json', '{}');
  write('apps/web/src/app/page.tsx', 'one');
  write('packages/ui/src/index.ts', 'ui');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('the hash follows content and names of what the web is built from', () => {
  const before = webContentHash(root);
  write('apps/web/src/app/page.tsx', 'two');
  const after = webContentHash(root);
  expect(after).not.toBe(before);
  write('packages/ui/src/more.ts', '');
  expect(webContentHash(root)).not.toBe(after);
});

test('the hash does not follow builds, tests or other rooms', () => {
  const before = webContentHash(root);
  write('apps/web/.next/x.js', '');
  write('apps/web/src/app/page.test.ts', '');
  write('packages/engine/src/index.ts', '');
  expect(webContentHash(root)).toBe(before);
});
