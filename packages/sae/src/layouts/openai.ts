import type { TorchValue } from '@monosema/formats';
import { TorchTensor } from '@monosema/formats';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { LoadNotes } from '../checkpoint/load-note.ts';
import type { Sae } from '../sae.ts';
import { assembleSae } from './assemble-sae.ts';
import type { SaeFolder } from './folder.ts';
import type { SaeLayout, SaidOfInput } from './layout.ts';
import { SaeTensors } from './tensors.ts';
import { tensorNames, stateFileOf } from './state-dict.ts';

/** Their names of places in a block. */
const locations: Readonly<Record<string, string>> = {
  mlp_post_act: 'mlp.hook_post',
  resid_delta_attn: 'hook_attn_out',
  resid_delta_mlp: 'hook_mlp_out',
  resid_post_attn: 'hook_resid_mid',
  resid_post_mlp: 'hook_resid_post',
};
const statistics = 'statistics of training are passed over';

/**
 * openai/sparse_autoencoder: `{location}_v5_32k/autoencoders/{layer}.pt`, a state dict with the name of its activation.
 * TopK ones take inputs normalised by layer (mean and deviation), as its `from_state_dict` assumes.
 */
export const openai: SaeLayout = {
  name: 'openai',
  files: 'a torch file with pre_bias, latent_bias, encoder.weight and decoder.weight',
  async recognises(folder) {
    const names = await tensorNames(folder);
    return names !== null && names.has('pre_bias') && names.has('latent_bias') && names.has('encoder.weight');
  },
  async read(folder, _, notes) {
    const file = stateFileOf(folder);
    if (file === null) throw new SaeFormatError(`${folder.name} has no single file of weights`);
    const tensors = await SaeTensors.open(folder, file, notes);
    try {
      return await readOpenai(folder, tensors, notes);
    } finally {
      await tensors.close();
    }
  },
};

async function readOpenai(folder: SaeFolder, tensors: SaeTensors, notes: LoadNotes): Promise<Sae> {
  const tied = tensors.has('decoder.linear.weight');
  tensors.check({
    needed: ['pre_bias', 'latent_bias', 'encoder.weight', tied ? 'decoder.linear.weight' : 'decoder.weight'],
    optional: ['activation_state_dict.k'],
    ignored: {
      stats_last_nonzero: statistics,
      latents_activation_frequency: statistics,
      latents_mean_square: statistics,
    },
  });
  const [dSae, dIn] = tensors.matrix('encoder.weight');
  const activation = await activationOf(tensors, notes);
  const parameters = {
    W_enc: await tensors.readTransposed('encoder.weight', [dIn, dSae]),
    b_enc: await tensors.read('latent_bias', [dSae]),
    W_dec: tied
      ? await tensors.read('decoder.linear.weight', [dSae, dIn])
      : await tensors.readTransposed('decoder.weight', [dSae, dIn]),
    b_dec: await tensors.read('pre_bias', [dIn]),
  };
  const config = { dIn, dSae, dtype: tensors.precision(tensors.names), ...activation };
  return assembleSae({ config, says: inputOf(folder, tensors.title, notes), parameters, file: tensors.title }, notes);
}

async function activationOf(tensors: SaeTensors, notes: LoadNotes) {
  const { value } = tensors;
  const said = value instanceof Map ? (value as ReadonlyMap<string, TorchValue>) : new Map<string, TorchValue>();
  const activation = notes.orDefault<TorchValue>('activation', said.get('activation'), 'ReLU');
  if (activation === 'ReLU') return { architecture: 'standard' as const };
  if (activation !== 'TopK')
    throw new SaeFormatError(`${tensors.title}: activation ${String(activation)} is none of ReLU, TopK`);
  const state = said.get('activation_state_dict');
  const k = state instanceof Map ? (state as ReadonlyMap<string, TorchValue>).get('k') : undefined;
  const postActivation =
    state instanceof Map ? (state as ReadonlyMap<string, TorchValue>).get('postact_fn') : undefined;
  if (postActivation !== 'ReLU')
    throw new SaeFormatError(`${tensors.title}: TopK followed by ${String(postActivation)}; only ReLU is read`);
  const number = k instanceof TorchTensor ? await tensors.number('activation_state_dict.k') : k;
  if (typeof number !== 'number') throw new SaeFormatError(`${tensors.title}: activation_state_dict has no k`);
  notes.add('default', 'normalize_activations', 'the activation is TopK, so inputs are normalised as by layer_norm');
  return { architecture: 'topk' as const, k: number, normalisation: 'layer_norm' as const };
}

/** From a path as `resid_post_mlp_v5_32k/autoencoders/8.pt`: all of them are of GPT-2 small. */
function inputOf({ path, file }: SaeFolder, title: string, notes: LoadNotes): SaidOfInput {
  const location = Object.keys(locations).find((name) => new RegExp(`(^|/)${name}(_v\\d+\\w*)?(/|$)`).test(path));
  const layer = /(\d+)\.pt$/.exec(file ?? title)?.[1];
  if (location === undefined || layer === undefined) return {};
  const hookPoint = `blocks.${layer}.${locations[location]}`;
  notes.add('renamed', 'hook_name', `${location} of layer ${layer} is read as ${hookPoint} of gpt2-small`);
  return { modelId: 'gpt2-small', hookPoint };
}
