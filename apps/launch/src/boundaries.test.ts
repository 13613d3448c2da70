import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ESLint } from 'eslint';
import { expect, test } from 'vitest';
import { judgeBoundaries, workspacePackages } from './boundaries.ts';
import { projectRoot } from './project-root.ts';

test('the workspace has the rooms of the architecture', () => {
  const names = workspacePackages().map((entry) => entry.name);
  for (const room of ['engine', 'formats', 'hub', 'model', 'sae', 'pipeline', 'catalog', 'jobs', 'artifacts', 'search', 'auth', 'api', 'ui', 'db', 'web', 'cli'])
    expect(names).toContain(`@monosema/${room}`);
});

test('a boundaries check that saw too little does not pass', () => {
  expect(judgeBoundaries('Checked 90 files in 25 packages, no issues found', 24).ok).toBe(true);
  expect(judgeBoundaries('Checked 90 files in 12 packages, no issues found', 24).ok).toBe(false);
  expect(judgeBoundaries('Checked 0 files in 25 packages, no issues found', 24).ok).toBe(false);
  expect(judgeBoundaries('Checked 90 files in 25 packages, 2 issues found', 24).ok).toBe(false);
  expect(judgeBoundaries('', 24).ok).toBe(false);
});

test('boundaries bite: a library that imports the database is an issue', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'monosema-boundaries-'));
  try {
    for (const file of ['package.json', 'package-lock.json', 'turbo.json']) cpSync(path.join(projectRoot, file), path.join(folder, file));
    for (const { folder: room } of workspacePackages()) {
      mkdirSync(path.join(folder, room), { recursive: true });
      for (const file of ['package.json', 'turbo.json'])
        cpSync(path.join(projectRoot, room, file), path.join(folder, room, file), { force: true, errorOnExist: false, filter: () => true });
    }
    symlinkSync(path.join(projectRoot, 'node_modules'), path.join(folder, 'node_modules'));
    mkdirSync(path.join(folder, 'packages/sae/src'), { recursive: true });
    writeFileSync(path.join(folder, 'packages/sae/src/index.ts'), "import { connect } from '@monosema/db';\nexport const wrong = connect;\n");
    const { stdout, stderr } = spawnSync(process.execPath, [path.join(projectRoot, 'node_modules/turbo/bin/turbo'), 'boundaries'], { cwd: folder, encoding: 'utf8', env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' } });
    expect(`${stdout}${stderr}`).toMatch(/cannot import package .*@monosema\/db/);
    expect(judgeBoundaries(`${stdout}${stderr}`, 1).ok).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.each(['@monosema/db', '@monosema/db/queries', '@monosema/engine', 'drizzle-orm', 'onnxruntime-node'])('lint bites: the web may not import %s', async (name) => {
  const eslint = new ESLint({ cwd: projectRoot });
  const config = (await eslint.calculateConfigForFile(path.join(projectRoot, 'apps/web/src/app/page.tsx'))) as { rules: Record<string, unknown> };
  const only = new ESLint({ cwd: projectRoot, overrideConfigFile: true, overrideConfig: [{ files: ['**/*.js'], rules: { 'no-restricted-imports': config.rules['no-restricted-imports'] as never } }] });
  const [result] = await only.lintText(`import '${name}';\n`, { filePath: path.join(projectRoot, 'probe.js') });
  expect(result?.messages.map((message) => message.ruleId)).toEqual(['no-restricted-imports']);
});
