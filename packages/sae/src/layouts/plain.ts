import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { LoadNotes } from '../checkpoint/load-note.ts';
import type { Sae, SaeParameters } from '../sae.ts';
import { assembleSae, type SaeFields } from './assemble-sae.ts';
import { foldInputMean } from './fold-input-mean.ts';
import type { LayoutHints, SaeLayout } from './layout.ts';
import type { SaeTensors, TensorRules } from './tensors.ts';
import { openState, tensorNames, stateFileOf, type SavedState } from './state-dict.ts';

/** Which tensor of a file is which parameter; what is not among them is called as it is here. */
interface Naming {
  encoder: string;
  encoderBias: string;
  decoder: string;
  decoderBias: string;
}
const namings: readonly Naming[] = [
  { encoder: 'W_enc', encoderBias: 'b_enc', decoder: 'W_dec', decoderBias: 'b_dec' },
  {
    encoder: 'encoder_weights',
    encoderBias: 'encoder_bias',
    decoder: 'decoder_weights',
    decoderBias: 'pre_bias',
  },
];
const gated = ['b_gate', 'b_mag', 'r_mag'] as const;

/**
 * A state dict of one's own SAE in a torch, safetensors or npz file: W_enc, b_enc, W_dec and b_dec, either way round, with what gated (b_gate,
 * b_mag, r_mag) and JumpReLU (threshold) have besides; or the names of prestoj/tinystories_sae. Such a file says nothing of
 * its activation: ReLU is assumed and noted, TopK needs a hint.
 */
export const plain: SaeLayout = {
  name: 'plain',
  files: 'one file with W_enc, b_enc, W_dec and b_dec',
  async recognises(folder) {
    const names = await tensorNames(folder);
    return names !== null && namings.some(({ encoder, decoder }) => names.has(encoder) && names.has(decoder));
  },
  async read(folder, hints, notes) {
    const file = stateFileOf(folder);
    if (file === null) throw new SaeFormatError(`${folder.name} has no single file of weights`);
    const state = await openState(folder, file, notes);
    try {
      return await readPlain(state, hints, notes);
    } finally {
      await state.tensors.close();
    }
  },
};

async function readPlain(
  { tensors, settings, inputMean }: SavedState,
  hints: LayoutHints,
  notes: LoadNotes,
): Promise<Sae> {
  const naming = namings.find(({ encoder }) => tensors.has(encoder)) ?? namings[0]!;
  tensors.check(rulesOf(naming, tensors));
  const isGated = tensors.has('b_gate');
  const [dIn] = vector(tensors, naming.decoderBias);
  const [dSae] = vector(tensors, isGated ? 'b_gate' : naming.encoderBias);
  const own = activationOf(naming, tensors, hints.k ?? settings.get('k'), hints, notes);
  const subtractDecoderBias =
    hints.subtractDecoderBias ?? notes.orDefault<boolean>('apply_b_dec_to_input', undefined, true);
  const weights: SaeParameters = {
    W_enc: await readEitherWay(tensors, naming.encoder, [dIn, dSae], notes),
    W_dec: await readEitherWay(tensors, naming.decoder, [dSae, dIn], notes),
    b_dec: await tensors.read(naming.decoderBias, [dIn]),
  };
  if (!isGated) weights.b_enc = await tensors.read(naming.encoderBias, [dSae]);
  if (isGated) for (const name of gated) weights[name] = await tensors.read(name, [dSae]);
  if (tensors.has('threshold')) weights.threshold = await readThreshold(tensors, dSae, notes);
  const mean = await inputMean(dIn);
  if (mean) notes.add('converted', 'act_mean', 'act_mean was subtracted from inputs: folded into the biases');
  const parameters = mean ? foldInputMean(weights, mean, { subtractDecoderBias }) : weights;
  const config = { dIn, dSae, subtractDecoderBias, dtype: tensors.precision(mean ? [] : tensors.names), ...own };
  return assembleSae({ config, says: {}, parameters, file: tensors.title }, notes);
}

function rulesOf({ encoder, encoderBias, decoder, decoderBias }: Naming, tensors: SaeTensors): TensorRules {
  if (tensors.has('b_gate')) return { needed: [encoder, decoder, decoderBias, ...gated] };
  return { needed: [encoder, encoderBias, decoder, decoderBias], optional: ['threshold'] };
}

function vector(tensors: SaeTensors, name: string): [number] {
  const sizes = tensors.shape(name).filter((size) => size !== 1);
  if (sizes.length === 1) return [sizes[0]!];
  throw new SaeFormatError(
    `${tensors.title}: ${name} has shape [${tensors.shape(name).join(', ')}], but is needed as a vector`,
  );
}

function activationOf(
  naming: Naming,
  tensors: SaeTensors,
  k: unknown,
  { architecture }: LayoutHints,
  notes: LoadNotes,
): Pick<SaeFields, 'architecture' | 'k'> {
  if (tensors.has('b_gate')) return { architecture: 'gated' };
  if (tensors.has('threshold')) return { architecture: 'jumprelu' };
  const isTopK = architecture === 'topk' || naming.encoder === 'encoder_weights' || k != null;
  if (!isTopK) {
    if (architecture === undefined)
      notes.add('default', 'architecture', 'no file says the activation: ReLU is assumed');
    return { architecture: 'standard' };
  }
  if (typeof k !== 'number' || !Number.isInteger(k))
    throw new SaeFormatError(
      `${tensors.title}: a TopK SAE whose file does not say k, how many latents a token keeps: say k`,
    );
  if (naming.encoder === 'encoder_weights')
    notes.add(
      'converted',
      'encode',
      'its own code has no ReLU: should one of the k largest pre-activations be negative, it is left out here',
    );
  return { architecture: 'topk', k };
}

/** A matrix that is stored either way round, which its sizes tell. */
async function readEitherWay(
  tensors: SaeTensors,
  name: string,
  [rows, columns]: readonly [number, number],
  notes: LoadNotes,
): Promise<Float32Array> {
  const [first, second] = tensors.matrix(name);
  if (rows === columns)
    notes.add('default', name, `${name} is square, so either way round is possible: taken as [inputs, outputs]`);
  if (first === rows && second === columns) return tensors.read(name, [rows, columns]);
  notes.add('converted', name, `${name} is stored as [outputs, inputs]: transposed`);
  return tensors.readTransposed(name, [rows, columns]);
}

/** One number for all latents, or one for each. */
async function readThreshold(tensors: SaeTensors, dSae: number, notes: LoadNotes): Promise<Float32Array> {
  if (tensors.shape('threshold').some((size) => size !== 1)) return tensors.read('threshold', [dSae]);
  const threshold = await tensors.number('threshold');
  if (threshold < 0) throw new SaeFormatError(`${tensors.title}: the threshold is unset (${threshold})`);
  notes.add('converted', 'threshold', `the threshold ${threshold} is that of all latents`);
  return new Float32Array(dSae).fill(threshold);
}
