/**
 * Pushes an SAE folder to a hub on the loopback interface, and loads it from there with the real sae-lens and
 * huggingface_hub: its features and reconstructions of a text must be those that `monosema sae encode` gives.
 *
 *     npx tsx apps/cli/scripts/check-push.ts <python with sae-lens> <folder of an SAE>
 *
 * Not part of the tests, which need no Python.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LoopbackHub } from '../src/sae/push/hub.fixture.ts';

const run = promisify(execFile);
const binary = fileURLToPath(new URL('../bin/monosema.mjs', import.meta.url));
const program = `
import sys
import numpy as np
from safetensors.numpy import load_file
from sae_lens import SAE

repository, sae_id, values, codes = sys.argv[1:]
sae = SAE.from_pretrained(repository, sae_id)
import torch
x = torch.tensor(next(v for k, v in load_file(values).items() if k != "tokens"))
want = load_file(codes)
rows = len(want["offsets"]) - 1
dense = np.zeros((rows, sae.cfg.d_sae), dtype=np.float32)
for row in range(rows):
    span = slice(want["offsets"][row], want["offsets"][row + 1])
    dense[row, want["indices"][span]] = want["values"][span]
with torch.no_grad():
    features = sae.encode(x)
    decoded = sae.decode(features)
print(sae.cfg.architecture(), "features", np.abs(features.numpy() - dense).max(),
      "reconstructions", np.abs(decoded.numpy() - want["reconstructions"]).max(), "of", np.abs(decoded.numpy()).max())
`;

const [python, sae] = process.argv.slice(2);
if (!python || !sae) throw new Error('give the path of a Python that has sae-lens, and the folder of an SAE');
const folder = await mkdtemp(join(tmpdir(), 'monosema-check-push-'));
const hub = await LoopbackHub.start();
try {
  const env = {
    HF_ENDPOINT: hub.endpoint,
    HF_TOKEN: hub.token,
    HF_HOME: join(folder, 'home'),
    HF_HUB_DISABLE_XET: '1',
    NODE_ENV: 'test' as const,
  };
  const monosema = async (...args: string[]): Promise<string> =>
    (await run(process.execPath, [binary, ...args], { env })).stdout.trim();
  const [values, codes] = [join(folder, 'values.safetensors'), join(folder, 'codes.safetensors')];
  const pushed = await monosema('sae', 'push', sae, 'me/saes');
  const id = pushed.slice('me/saes/'.length);
  const { config } = JSON.parse(await monosema('sae', 'info', pushed, '--json')) as {
    config: { contract: { hookPoint: string } };
  };
  const text = 'Once upon a time, there was a little girl named Lily.';
  await monosema('activations', text, '--hook', config.contract.hookPoint, '--out', values);
  await monosema('sae', 'encode', pushed, '--input', values, '--reconstruct', '--out', codes);
  const { stdout } = await run(python, ['-c', program, 'me/saes', id, values, codes], {
    env: { ...env, HOME: folder },
  });
  process.stdout.write(stdout);
} finally {
  await hub.close();
  await rm(folder, { recursive: true });
}
