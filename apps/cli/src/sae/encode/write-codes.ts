import { writeSafetensors, type NamedArrays } from '@monosema/formats';
import { outputWidth } from '@monosema/sae';
import { forOption } from '../../exit.ts';
import { writeWhole } from '../../write-whole.ts';
import type { Encoded } from './encode.ts';

/** Writes the codes as compressed sparse rows, with what they are of. */
export async function writeCodes({ sae, codes, input, reconstructions }: Encoded, out: string): Promise<void> {
  const { config } = sae;
  const { rows, offsets, indices, values } = codes;
  const arrays: NamedArrays = {
    offsets: { data: offsets, shape: [rows + 1] },
    indices: { data: indices, shape: [indices.length] },
    values: { data: values, shape: [values.length] },
  };
  if (input.tokens) arrays['tokens'] = { data: input.tokens.ids, shape: input.tokens.shape };
  if (reconstructions) arrays['reconstructions'] = { data: reconstructions, shape: [rows, outputWidth(config)] };
  const metadata = {
    layout: 'csr',
    d_sae: String(config.dSae),
    model: config.contract.modelId,
    hook_name: config.contract.hookPoint,
  };
  await forOption('--out', () => writeWhole(out, writeSafetensors(arrays, metadata)));
  process.stdout.write(`${out}\n`);
}
