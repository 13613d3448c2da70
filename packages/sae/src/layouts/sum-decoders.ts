import { openSafetensors } from '@monosema/formats';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { SaeFolder } from './folder.ts';

/** 64 MB of float32. */
const numbersAtOnce = 2 ** 24;

export const summedDecodersNote =
  'the decoders of all layers that a latent writes to are summed: right for its activations, not for reconstructions';

/**
 * The decoders of a cross-layer transcoder's latents, a tensor [d_sae, layers, d_out] of a safetensors file, summed over
 * layers: [d_sae, d_out]. Rows are read some at a time, since all layers together may be larger than memory.
 *
 * @throws SaeFormatError when the file lacks the tensor, or it has another shape
 */
export async function readSummedDecoders(folder: SaeFolder, file: string, name: string): Promise<Float32Array> {
  const source = await folder.open(file);
  try {
    const { tensors, readRows } = await openSafetensors(source);
    const shape = tensors.get(name)?.shape;
    if (!shape)
      throw new SaeFormatError(`${file}: tensor ${name} is missing; there is ${[...tensors.keys()].join(', ')}`);
    const [dSae, layers, dOut, ...more] = shape;
    if (dSae === undefined || layers === undefined || dOut === undefined || more.length > 0)
      throw new SaeFormatError(
        `${file}: ${name} has shape [${shape.join(', ')}], but [d_sae, layers, d_out] is needed`,
      );
    const out = new Float32Array(dSae * dOut);
    const atOnce = Math.max(1, Math.floor(numbersAtOnce / (layers * dOut)));
    for (let from = 0; from < dSae; from += atOnce) {
      const to = Math.min(dSae, from + atOnce);
      addLayers((await readRows(name, from, to)).data, out.subarray(from * dOut, to * dOut), [layers, dOut]);
    }
    return out;
  } finally {
    await source.close();
  }
}

/** out [rows, d_out] += the sum over layers of rows [rows, layers, d_out] */
function addLayers(
  rows: Float32Array | Int32Array,
  out: Float32Array,
  [layers, dOut]: readonly [number, number],
): void {
  for (let row = 0; row * dOut < out.length; row++)
    for (let layer = 0; layer < layers; layer++) {
      const start = (row * layers + layer) * dOut;
      for (let d = 0; d < dOut; d++) out[row * dOut + d]! += rows[start + d]!;
    }
}
