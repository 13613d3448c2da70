// What `npm start` and `npm test` run first: plain JavaScript without dependencies, since nothing may be installed yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const [command, ...args] = process.argv.slice(2);

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Monosema needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}
if (!['start', 'test', 'bench'].includes(command ?? '')) {
  console.error('usage: node apps/launch/bootstrap.mjs start|test|bench [options]');
  process.exit(2);
}

/** Whether node_modules holds what the lockfile asks for, without asking npm (which takes seconds). */
function isInstalled() {
  const installedFile = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([name, entry]) => !name.includes('node_modules/') || entry.optional || entry.peer || entry.link || installed[name]?.version === entry.version,
  );
}

if (!isInstalled()) {
  const startedAt = Date.now();
  console.log('Installing dependencies (npm ci) …');
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
    // onnxruntime-node's own install step would fetch a CUDA build; what a CPU needs is in the package.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
  if (result.status !== 0) {
    console.error('npm ci failed: see above. Is the npm registry reachable?');
    process.exit(1);
  }
  console.log(`Installed in ${((Date.now() - startedAt) / 1000).toFixed(0)} s.`);
}

// Telemetry of tools is off for everything started from here.
Object.assign(process.env, { NEXT_TELEMETRY_DISABLED: '1', TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' });
const { register } = await import(pathToFileURL(path.join(root, 'node_modules/tsx/dist/esm/api/index.mjs')).href);
register();
const { main } = await import(`./src/${command}.ts`);
process.exitCode = await main(args);
