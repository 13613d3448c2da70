/**
 * Records the cache that Python's huggingface_hub makes of the tests' repository (fixtures/python-cache.json):
 *   python3 -m venv .venv && .venv/bin/pip install huggingface_hub==2.4.0
 *   npx tsx packages/hub/scripts/record-python-cache.ts .venv/bin/python
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HubServer } from '../src/hub-server.fixture.ts';
import { layoutOf, tinyRepository } from '../src/tiny-repository.fixture.ts';

const server = await HubServer.start({ 'owner/tiny': tinyRepository });
const cache = await mkdtemp(join(tmpdir(), 'python-cache-'));
const code = 'import huggingface_hub as h; h.snapshot_download("owner/tiny"); print(h.__version__)';
const settings = [`HF_ENDPOINT=${server.endpoint}`, `HF_HUB_CACHE=${cache}`, 'HF_HUB_DISABLE_XET=1'];
const quiet = 'HF_HUB_DISABLE_PROGRESS_BARS=1';
const python = spawn('env', [...settings, quiet, process.argv[2] ?? 'python3', '-c', code], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let version = '';
python.stdout.setEncoding('utf8').on('data', (text: string) => (version += text));
await once(python, 'close');
const recorded = { huggingface_hub: version.trim(), layout: await layoutOf(cache) };
await writeFile(new URL('../fixtures/python-cache.json', import.meta.url), `${JSON.stringify(recorded, null, 2)}\n`);
await rm(cache, { recursive: true });
await server.close();
