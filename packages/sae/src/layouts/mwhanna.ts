import { z } from 'zod';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { LoadNotes } from '../checkpoint/load-note.ts';
import type { SaeParameters } from '../sae.ts';
import { assembleSae } from './assemble-sae.ts';
import { readCircuitConfig } from './circuit-config.ts';
import type { SaeFolder } from './folder.ts';
import type { SaeLayout, SaidOfInput } from './layout.ts';
import type { SaeTensors } from './tensors.ts';
import { withTensors } from './with-tensors.ts';
import { readYaml } from './yaml-file.ts';

const filePattern = /^layer_(\d+)\.safetensors$/;
/** Some repositories misspell it. */
const wandbFiles = ['wandb-config.yaml', 'wanb-config.yaml'];
const thresholdName = 'activation_function.threshold';
const wandbSchema = z.looseObject({ batch_size: z.looseObject({ value: z.number().int().positive() }).optional() });

/**
 * Transcoders of circuit-tracer, as mwhanna's of Qwen 3: a layer a file, W_enc transposed, perhaps with thresholds or a
 * skip connection. What they read and write is in config.yaml, or else the whole input and output of the MLP.
 */
export const mwhanna: SaeLayout = {
  name: 'mwhanna',
  files: 'layer_N.safetensors beside config.yaml or wandb-config.yaml',
  recognises: ({ file, files }) =>
    files.some((name) => name === 'config.yaml' || wandbFiles.includes(name)) &&
    (file === null ? files.some((name) => filePattern.test(name)) : filePattern.test(file)),
  async read(folder, _, notes) {
    const { file, layer } = layerFile(folder);
    const says = await saidBeside(folder, layer, notes);
    return withTensors(folder, file, notes, async (tensors) => {
      const { parameters, ...sizes } = await readParameters(tensors);
      const { threshold, W_skip } = parameters;
      const architecture = threshold
        ? W_skip
          ? ('jumprelu_skip_transcoder' as const)
          : ('jumprelu_transcoder' as const)
        : W_skip
          ? ('skip_transcoder' as const)
          : ('transcoder' as const);
      const dtype = tensors.precision(['W_enc', 'W_dec', 'b_enc', 'b_dec']);
      return assembleSae({ config: { architecture, ...sizes, dtype }, says, parameters, file }, notes);
    });
  },
};

function layerFile({ name, file, files }: SaeFolder): { file: string; layer: string } {
  const candidates = (file === null ? files : [file]).filter((candidate) => filePattern.test(candidate));
  const [first, ...more] = candidates;
  if (first === undefined) throw new SaeFormatError(`${name} has no layer_N.safetensors`);
  if (more.length > 0)
    throw new SaeFormatError(`${name} has ${candidates.length} transcoders: name one of them, as in ${name}/${first}`);
  return { file: first, layer: filePattern.exec(first)![1]! };
}

async function readParameters(
  tensors: SaeTensors,
): Promise<{ dIn: number; dSae: number; dOut: number; parameters: SaeParameters }> {
  if (tensors.has('k')) throw new SaeFormatError(`${tensors.title}: tensor k: TopK transcoders are not read`);
  tensors.check({ needed: ['W_enc', 'W_dec', 'b_enc', 'b_dec'], optional: [thresholdName, 'W_skip'] });
  const [dSae, dIn] = tensors.matrix('W_enc');
  const [, dOut] = tensors.matrix('W_dec');
  const parameters: SaeParameters = {
    W_enc: await tensors.readTransposed('W_enc', [dIn, dSae]),
    b_enc: await tensors.read('b_enc', [dSae]),
    W_dec: await tensors.read('W_dec', [dSae, dOut]),
    b_dec: await tensors.read('b_dec', [dOut]),
  };
  if (tensors.has(thresholdName)) parameters.threshold = await tensors.read(thresholdName, [dSae]);
  if (tensors.has('W_skip')) parameters.W_skip = await tensors.read('W_skip', [dOut, dIn]);
  return { dIn, dSae, dOut, parameters };
}

async function saidBeside(folder: SaeFolder, layer: string, notes: LoadNotes): Promise<SaidOfInput> {
  const circuit = folder.files.includes('config.yaml') ? await readCircuitConfig(folder) : {};
  const wandbFile = wandbFiles.find((name) => folder.files.includes(name));
  const wandb = wandbFile === undefined ? {} : await readYaml(folder, wandbFile, wandbSchema);
  const contextSize = wandb.batch_size?.value ?? null;
  if (contextSize !== null)
    notes.add('converted', 'context_size', `context_size is ${wandbFile}'s batch_size, as SAELens reads it`);
  // 14B has no config.yaml; its repository is called qwen3-14b-transcoders.
  const size = /qwen3-(\d+(?:\.\d+)?)b/.exec(folder.name)?.[1];
  return {
    modelId: circuit.model_name ?? (size === undefined ? null : `Qwen/Qwen3-${size}B`),
    hookPoint: `blocks.${layer}.${notes.orDefault('feature_input_hook', circuit.feature_input_hook, 'mlp.hook_in')}`,
    hookPointOut: `blocks.${layer}.${notes.orDefault('feature_output_hook', circuit.feature_output_hook, 'hook_mlp_out')}`,
    contextSize,
    dataSetId: 'monology/pile-uncopyrighted',
  };
}
