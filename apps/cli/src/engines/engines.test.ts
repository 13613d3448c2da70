import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { engineNames, findPackage, optionalPackages } from '@monosema/engine';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { monosemaHere } from '../run-binary.fixture.ts';
import { installable } from './command.ts';
import { registryWith, type Registry } from './registry.fixture.ts';

const webgpu = optionalPackages['tfjs-webgpu'];
let folder: string;
let registry: Registry | undefined;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'monosema-engines-'));
  vi.stubEnv('MONOSEMA_ENGINES', folder);
  vi.stubEnv('npm_config_cache', path.join(folder, 'cache'));
  vi.stubEnv('npm_config_fetch_retries', '0');
  vi.stubEnv('npm_config_update_notifier', 'false');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry?.close();
  registry = undefined;
  rmSync(folder, { recursive: true });
});

const install = (...options: string[]) => monosemaHere(['engines', 'install', 'webgpu', ...options]);
/** A stand-in for Dawn: it loads, and finds no graphics card. */
const files = (manifest: object = {}) => ({
  'package.json': JSON.stringify({
    name: 'webgpu',
    version: webgpu.version,
    type: 'module',
    main: 'index.js',
    ...manifest,
  }),
  'index.js': 'export const globals = {}; export const create = () => ({ requestAdapter: async () => null });',
});
async function serve(manifest?: object): Promise<void> {
  registry = await registryWith('webgpu', webgpu.version, files(manifest));
  vi.stubEnv('npm_config_registry', registry.url);
}

test('engines says what there is and which one is taken', async () => {
  const { code, stdout } = await monosemaHere(['engines', '--json']);
  expect(code).toBe(0);
  const listings = JSON.parse(stdout) as { name: string; available: boolean; chosen: boolean }[];
  expect(listings.map(({ name }) => name)).toEqual([...engineNames]);
  expect(listings.filter(({ chosen }) => chosen)).toHaveLength(1);
  const text = (await monosemaHere(['engines'])).stdout;
  expect(text).toMatch(/^ {2}tfjs-wasm +TensorFlow\.js \S+, WebAssembly/m);
  expect(text).toMatch(/^\* \S+ +\w/m);
});

test('what can be installed is what the engines need', async () => {
  expect([...installable].sort()).toEqual(
    Object.values(optionalPackages)
      .map(({ shortName }) => shortName)
      .sort(),
  );
  const { code, stderr } = await monosemaHere(['engines', 'install', 'cuda']);
  expect(stderr).toContain('Allowed choices are tfjs-gpu, webgpu.');
  expect(code).toBe(2);
});

test('a package is installed, found, and tried at once; a second install has nothing to do', async () => {
  await serve();
  mkdirSync(path.join(folder, '.webgpu-999999999')); // of a process that was killed
  const { code, stdout, stderr } = await install();
  expect(stderr).toContain(`webgpu ${webgpu.version} is in ${path.join(folder, 'webgpu')}`);
  expect(stdout).toBe(
    '  tfjs-webgpu  not here: webgpu does not load here: it finds no graphics adapter (is there a GPU with a Vulkan, Metal or D3D12 driver?)\n',
  );
  expect(code).toBe(0);
  expect(findPackage(webgpu, folder)).toBe(path.join(folder, 'webgpu/node_modules/webgpu/index.js'));
  expect(readdirSync(folder).sort()).toEqual(['cache', 'webgpu']);

  await registry?.close();
  const again = await install('--json');
  expect(again.stderr).toContain('webgpu is already there');
  expect(JSON.parse(again.stdout)).toMatchObject([{ name: 'tfjs-webgpu', available: false }]);
});

test('an install that fails says why, and leaves what was there', async () => {
  await serve({ scripts: { install: 'echo no compiler here >&2; exit 7' } });
  mkdirSync(path.join(folder, 'webgpu/node_modules'), { recursive: true });
  const { code, stderr } = await install();
  expect(stderr).toMatch(/^error: webgpu is not installed: .*(exit 7|code 7)/m);
  expect(code).toBe(1);
  expect(readdirSync(folder).sort()).toEqual(['cache', 'webgpu']);
  expect(existsSync(path.join(folder, 'webgpu/node_modules/webgpu'))).toBe(false);
});

test('without a network it says so, and leaves nothing', async () => {
  await serve();
  await registry?.close(); // nobody listens at its address any more
  const { code, stderr } = await install();
  expect(stderr).toMatch(/^error: webgpu is not installed: the npm registry cannot be reached/m);
  expect(code).toBe(1);
  expect(existsSync(path.join(folder, 'webgpu'))).toBe(false);
});
