import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import * as op from '../index.ts';
import { enginesFolder } from './env.ts';
import { noTfjsGpu, noWebgpu } from './engines-here.fixture.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'monosema-engines-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('every engine is tried; the first that is worth it is the one that openEngine takes', async () => {
  const steps: string[] = [];
  const listings = await op.listEngines({ onProgress: (name, step) => steps.push(`${step} ${name}`) });
  expect(listings.map(({ name }) => name)).toEqual([...op.engineNames]);
  expect(steps).toEqual(op.engineNames.map((name) => `opening ${name}`));
  const engine = await op.openEngine();
  expect(listings.filter(({ chosen }) => chosen).map(({ name }) => name)).toEqual([engine.name]);
  await engine.close();
  for (const listing of listings) {
    if (listing.available) expect(listing.description).toMatch(/\w/);
    else expect(listing.reason).toMatch(/\w/);
  }
  const about = Object.fromEntries(listings.map((listing) => [listing.name, listing]));
  expect(about['onnx-cpu']).toMatchObject({ available: true });
  expect(about['tfjs-wasm']).toMatchObject({ available: true, description: expect.stringContaining('WebAssembly') });
  if (noTfjsGpu !== null) expect(about['tfjs-gpu']).toMatchObject({ available: false, reason: noTfjsGpu });
  if (noWebgpu === null) {
    // SwiftShader is no graphics card: it is there, but nothing that anybody would choose.
    expect(about['tfjs-webgpu']).toMatchObject({ available: true, chosen: false, onlyByName: expect.any(String) });
  }
});

test('an engine that is asked for by name is the chosen one', async () => {
  const listings = await op.listEngines({ engine: 'tfjs-wasm' });
  expect(listings.filter(({ chosen }) => chosen).map(({ name }) => name)).toEqual(['tfjs-wasm']);
});

// Where the real package is beside the library, it is found first.
test.skipIf(noTfjsGpu === null)(
  'a package that does not load is told with its reason, by name or not, and the next engine is taken',
  async () => {
    const broken = path.join(folder, 'node_modules/@tensorflow/tfjs-node-gpu');
    mkdirSync(broken, { recursive: true });
    writeFileSync(path.join(broken, 'package.json'), '{ "main": "index.js" }');
    writeFileSync(path.join(broken, 'index.js'), `throw new Error('libcudart.so.11.0 is missing')`);
    const [listing] = await op.listEngines({ only: ['tfjs-gpu'], enginesFolder: folder });
    const reason = '@tensorflow/tfjs-node-gpu does not load here: libcudart.so.11.0 is missing';
    expect(listing).toEqual({ name: 'tfjs-gpu', available: false, chosen: false, reason });
    const named = op.openEngine({ engine: 'tfjs-gpu', enginesFolder: folder });
    await expect(named).rejects.toThrow(`engine 'tfjs-gpu' cannot be opened: ${reason} (engines: `);
    const engine = await op.openEngine({ enginesFolder: folder });
    expect(engine.name).not.toBe('tfjs-gpu');
    await engine.close();
  },
);

test('a benchmark measures and stops when told', async () => {
  const engine = await op.openEngine({ threads: 1 });
  const { matmulGflops, saeStepsPerSecond } = await op.benchmarkEngine(engine, { seconds: 0 });
  expect(matmulGflops).toBeGreaterThan(0);
  expect(saeStepsPerSecond).toBeGreaterThan(0);
  const stopped = op.benchmarkEngine(engine, { signal: AbortSignal.abort(new Error('enough')) });
  await expect(stopped).rejects.toThrow('enough');
  await engine.close();
}, 60_000);

test('the folder of engines', () => {
  expect(enginesFolder({ MONOSEMA_ENGINES: '/opt/engines', MONOSEMA_DATA: '/srv' })).toBe('/opt/engines');
  expect(enginesFolder({ MONOSEMA_ENGINES: '', MONOSEMA_DATA: '/srv' })).toBe('/srv/engines');
  expect(enginesFolder({})).toBe(path.resolve('.monosema/engines'));
});
