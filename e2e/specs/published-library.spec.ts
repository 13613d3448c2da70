import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { installPackedLibrary } from '../published-library.ts';

const program = `
import { listEngines, openEngine } from '@monosema/engine';
import { featurePath } from '@monosema/catalog';
import { bundledModels, openRepository } from '@monosema/hub';
import { compileForward, generate, loadModel, loadTokenizer, tokenStream } from '@monosema/model';
import { compileEncode, decode, loadSae } from '@monosema/sae';
import { trainSae } from '@monosema/sae/training';
import { evaluateSae } from '@monosema/sae/evaluation';
import { buildDashboards } from '@monosema/pipeline';
import { openGguf, openTorch, readSafetensors } from '@monosema/formats';
import { openSparseStep } from '@monosema/engine/sparse';

const model = await loadModel(bundledModels()[0]!);
const engine = await openEngine();
const { texts } = await generate(engine, model, { prompts: ['Once upon a time'], newTokens: 12 });
const doors = [listEngines, openGguf, openTorch, openRepository, loadTokenizer, tokenStream, compileForward, compileEncode, decode, loadSae, trainSae, evaluateSae, buildDashboards, readSafetensors, openSparseStep].map((door) => typeof door);
console.log(JSON.stringify({ text: texts[0], doors, path: featurePath({ modelId: model.id, sourceId: '2-res-tk', index: 7 }) }));
await engine.close();
`;

test('the packed library works in an empty folder, in plain Node and for TypeScript', () => {
  test.setTimeout(180_000);
  const { folder, remove } = installPackedLibrary();
  try {
    writeFileSync(path.join(folder, 'program.mts'), program);
    writeFileSync(
      path.join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { strict: true, module: 'nodenext', target: 'es2023', skipLibCheck: true, outDir: 'out', types: ['node'] }, files: ['program.mts'] }),
    );
    execFileSync(process.execPath, [path.join(folder, 'node_modules/typescript/bin/tsc'), '-p', folder], { stdio: 'inherit' });
    const output = execFileSync(process.execPath, [path.join(folder, 'out/program.mjs')], { cwd: folder, encoding: 'utf8' });
    const seen = JSON.parse(output) as { text: string; doors: string[]; path: string };
    expect(seen.text).toContain('there was a little girl named Lily');
    expect(new Set(seen.doors)).toEqual(new Set(['function']));
    expect(seen.path).toBe('/stories-260k/2-res-tk/7');
  } finally {
    remove();
  }
});
