import type { LoadNotes } from '../checkpoint/load-note.ts';
import type { Sae, SaeParameters } from '../sae.ts';
import { assembleSae } from './assemble-sae.ts';
import type { SaeFolder } from './folder.ts';
import { gemmaScopeInput, gemmaScopeNames, type GemmaScopeNames } from './gemma-scope-names.ts';
import type { LayoutHints, SaeLayout } from './layout.ts';
import type { SaeTensors } from './tensors.ts';
import { withTensors } from './with-tensors.ts';

export const paramsFile = 'params.npz';

/** Whether a folder or a hint speaks of a transcoder; its files look like those of an SAE. */
export const isGemmaTranscoder = (folder: SaeFolder, { architecture }: LayoutHints): boolean =>
  architecture === undefined ? gemmaScopeNames(folder).kind === 'transcoders' : architecture === 'jumprelu_transcoder';

export const hasParams = ({ files, file }: SaeFolder): boolean =>
  files.includes(paramsFile) && (file === null || file === paramsFile);

/**
 * Gemma Scope (Lieberum et al. 2024): JumpReLU SAEs of Gemma 2's residual stream, MLPs, attention heads and embedding.
 * Model, hook point and layer are in the names of repository and folder; b_dec is not subtracted.
 */
export const gemmaScope: SaeLayout = {
  name: 'gemma-scope',
  files: paramsFile,
  recognises: (folder, hints) => hasParams(folder) && !isGemmaTranscoder(folder, hints),
  read: (folder, _, notes) =>
    withTensors(folder, paramsFile, notes, async (tensors) => {
      const names = gemmaScopeNames(folder);
      const { dIn, dSae, parameters } = await readJumpRelu(tensors);
      const sae = assembleSae(
        {
          config: { architecture: 'jumprelu', dIn, dSae, subtractDecoderBias: false },
          says: { ...gemmaScopeInput, modelId: names.modelId, hookPoint: hookPointOf(names) },
          parameters,
          file: folder.name,
        },
        notes,
      );
      return names.embedding ? ofScaledEmbedding(sae, notes) : sae;
    }),
};

/** Where it reads, in the names of TransformerLens; null where its names do not tell. */
export function hookPointOf({ kind, layer, embedding }: GemmaScopeNames): string | null {
  if (kind === 'res' && embedding) return 'hook_embed';
  if (layer === null) return null;
  switch (kind) {
    case 'res':
      return `blocks.${layer}.hook_resid_post`;
    case 'mlp':
      return `blocks.${layer}.hook_mlp_out`;
    case 'att':
      return `blocks.${layer}.attn.hook_z`;
    default:
      return null;
  }
}

/** The five arrays, which are in SAELens orientation; some files write W in lower case. */
export async function readJumpRelu(
  tensors: SaeTensors,
): Promise<{ dIn: number; dSae: number; dOut: number; parameters: SaeParameters & { threshold: Float32Array } }> {
  const [encoder, decoder] = tensors.has('w_enc') ? ['w_enc', 'w_dec'] : ['W_enc', 'W_dec'];
  tensors.check({ needed: [encoder!, decoder!, 'b_enc', 'b_dec', 'threshold'] });
  const [dIn, dSae] = tensors.matrix(encoder!);
  const [, dOut] = tensors.matrix(decoder!);
  const parameters = {
    W_enc: await tensors.read(encoder!, [dIn, dSae]),
    b_enc: await tensors.read('b_enc', [dSae]),
    W_dec: await tensors.read(decoder!, [dSae, dOut]),
    b_dec: await tensors.read('b_dec', [dOut]),
    threshold: await tensors.read('threshold', [dSae]),
  };
  return { dIn, dSae, dOut, parameters };
}

/**
 * Those of the embedding were trained on rows of the embedding matrix, which the model multiplies by sqrt(d_model) before
 * hook_embed. SAELens leaves b_dec as it is, though it is a part of the same reconstruction.
 */
function ofScaledEmbedding({ config, parameters }: Sae, notes: LoadNotes): Sae {
  const scale = Math.sqrt(config.dIn);
  notes.add(
    'converted',
    'W_enc',
    'of an embedding before it is multiplied by sqrt(d_in): W_enc is divided by it, W_dec and b_dec multiplied',
  );
  const times = (values: Float32Array, factor: number): Float32Array => values.map((value) => value * factor);
  return {
    config,
    parameters: {
      ...parameters,
      W_enc: times(parameters.W_enc, 1 / scale),
      W_dec: times(parameters.W_dec, scale),
      b_dec: times(parameters.b_dec, scale),
    },
  };
}
