/**
 * Makes fixtures/gpt-nano-sort from two files of bbycroft/llm-viz (MIT), which nobody here computed:
 *   npx tsx packages/model/scripts/make-gpt-nano-sort.ts gpt-nano-sort-model.json gpt-nano-sort-t0-partials.json
 * The model is a minGPT that sorts six letters; the partials are every intermediate value of its pass over three rows.
 * minGPT's Linear weights are [out, in]; GPT-2's checkpoints keep Conv1D's [in, out].
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { writeSafetensors, type NamedArray, type NamedArrays } from '@monosema/formats';

interface Tensor {
  shape: number[];
  data: string;
}
interface Config {
  n_layer: number;
  n_head: number;
  n_embd: number;
  vocab_size: number;
  block_size: number;
}

const [modelPath, partialsPath] = process.argv.slice(2);
if (modelPath === undefined || partialsPath === undefined)
  throw new Error('needs the paths of the model and the partials');
const read = async (path: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
const { config, ...model } = await read(modelPath);
const { config: _, idx, ...partials } = await read(partialsPath);

function floats({ shape, data }: Tensor): NamedArray {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  return { data: new Float32Array(bytes.buffer), shape };
}
function transposed({ data, shape }: NamedArray): NamedArray {
  const [rows, columns] = shape as [number, number];
  const entries = Float32Array.from(
    { length: data.length },
    (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!,
  );
  return { data: entries, shape: [columns, rows] };
}
const arrays = (tensors: Record<string, unknown>): NamedArrays =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, floats(tensor as Tensor)]));

const weights = Object.fromEntries(
  Object.entries(arrays(model)).map(([name, array]) => [
    name,
    /\.(c_attn|c_proj|c_fc)\.weight$/.test(name) ? transposed(array) : array,
  ]),
);
const { n_layer, n_head, n_embd, vocab_size, block_size } = config as Config;
const folder = new URL('../fixtures/gpt-nano-sort/', import.meta.url);
await mkdir(folder, { recursive: true });
const gpt2 = {
  architectures: ['GPT2LMHeadModel'],
  ...{ n_layer, n_head, n_embd, vocab_size, n_positions: block_size },
  activation_function: 'gelu_new',
  tie_word_embeddings: false,
};
await writeFile(new URL('config.json', folder), `${JSON.stringify(gpt2, null, 2)}\n`);
await writeFile(new URL('model.safetensors', folder), writeSafetensors(weights));
const ids = { data: Int32Array.from(floats(idx as Tensor).data), shape: (idx as Tensor).shape };
const golden = writeSafetensors({ ids, ...arrays(partials) });
await writeFile(new URL('golden.safetensors.gz', folder), gzipSync(golden, { level: 9 }));
