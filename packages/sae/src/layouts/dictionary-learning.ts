import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { LoadNotes } from '../checkpoint/load-note.ts';
import type { Sae, SaeParameters } from '../sae.ts';
import { assembleSae, type SaeFields } from './assemble-sae.ts';
import { classOfTensors, isDictionary, tensorRules, type DictionaryClass } from './dictionary-classes.ts';
import { dictionaryConfigFile, readDictionaryConfig, type DictionaryConfig } from './dictionary-config.ts';
import { foldInputMean } from './fold-input-mean.ts';
import type { SaeFolder } from './folder.ts';
import { readJsonIfThere } from './json-file.ts';
import type { LayoutHints, SaeLayout } from './layout.ts';
import type { SaeTensors } from './tensors.ts';
import { openState, tensorNames, stateFileOf, type SavedState } from './state-dict.ts';

/**
 * saprmarks/dictionary_learning: ae.pt, and config.json with its `trainer` and `buffer`; or a state dict alone. Every class
 * that its `load_dictionary` knows, with the thresholds that BatchTopK and Matryoshka ones are used with (SAELens #592).
 * Weights are kept as they are in the file, where its own `from_pretrained` folds decoder norms of AutoEncoder.
 */
export const dictionaryLearning: SaeLayout = {
  name: 'dictionary-learning',
  files: 'ae.pt and config.json, or its state dict alone',
  async recognises(folder) {
    const names = await tensorNames(folder);
    if (names === null) return false;
    if (isDictionary(names)) return true;
    const config = await readJsonIfThere(folder, dictionaryConfigFile);
    return config !== null && typeof config['trainer'] === 'object';
  },
  async read(folder, hints, notes) {
    const file = stateFileOf(folder);
    if (file === null) throw new SaeFormatError(`${folder.name} has no single file of weights, as ae.pt`);
    const config = await readDictionaryConfig(folder, notes);
    const state = await openState(folder, file, notes);
    try {
      return await readDictionary({ folder, hints, notes, config, state });
    } finally {
      await state.tensors.close();
    }
  },
};

interface Opened {
  folder: SaeFolder;
  hints: LayoutHints;
  notes: LoadNotes;
  config: DictionaryConfig;
  state: SavedState;
}

async function readDictionary({ hints, notes, config, state }: Opened): Promise<Sae> {
  const { tensors, settings } = state;
  const said = config.dictClass ?? classOf(settings.get('sae_type'));
  const dictClass = said ?? classOfTensors(new Set(tensors.names), hints);
  tensors.check(tensorRules[dictClass]);
  const [dSae, dIn] = widthsOf(dictClass, tensors);
  checkWidth('activation_dim', config.dIn ?? settings.get('activation_dim'), dIn);
  checkWidth('dict_size', config.dSae ?? settings.get('dict_size'), dSae);
  const k = await kOf(tensors, config.k ?? settings.get('k'), hints);
  const subtractDecoderBias = dictClass !== 'AutoEncoderNew' && dictClass !== 'JumpReluAutoEncoder';
  const common = { dIn, dSae, subtractDecoderBias, dtype: tensors.precision(tensors.names) };
  const { own, more } = await readOwn(dictClass, { tensors, k, dSae, hints, notes });
  const weights = { ...(await readWeights(dictClass, tensors, dIn, dSae)), ...more };
  const mean = await state.inputMean(dIn);
  if (mean) notes.add('converted', 'act_mean', 'act_mean was subtracted from inputs: folded into the biases');
  const parameters = mean ? foldInputMean(weights, mean, common) : weights;
  const dtype = mean ? ('float32' as const) : common.dtype;
  return assembleSae(
    { config: { ...common, dtype, ...own }, says: config.says, parameters, file: tensors.title },
    notes,
  );
}

/** What other programs that save such state dicts call the classes. */
function classOf(type: unknown): DictionaryClass | null {
  if (type === 'btk') return 'BatchTopKSAE';
  if (type === 'matryoshka') return 'MatryoshkaBatchTopKSAE';
  return type === 'jumprelu' ? 'JumpReluAutoEncoder' : null;
}

const hasLinearLayers = (dictClass: DictionaryClass): boolean =>
  tensorRules[dictClass].needed.includes('encoder.weight');

/** d_sae, d_in */
function widthsOf(dictClass: DictionaryClass, tensors: SaeTensors): [number, number] {
  if (hasLinearLayers(dictClass)) return tensors.matrix('encoder.weight');
  const [dIn, dSae] = tensors.matrix('W_enc');
  return [dSae, dIn];
}

function checkWidth(name: string, said: unknown, width: number): void {
  if (said != null && said !== width)
    throw new SaeFormatError(`${name} is ${JSON.stringify(said)} in its settings, but the tensors have ${width}`);
}

async function kOf(tensors: SaeTensors, said: unknown, { k: hint }: LayoutHints): Promise<number | null> {
  const inFile = tensors.has('k') ? await tensors.number('k') : null;
  if (inFile !== null && said != null && inFile !== said)
    throw new SaeFormatError(`k is ${inFile} in ${tensors.title}, but ${JSON.stringify(said)} in its settings`);
  return inFile ?? (typeof said === 'number' ? said : (hint ?? null));
}

async function readWeights(
  dictClass: DictionaryClass,
  tensors: SaeTensors,
  dIn: number,
  dSae: number,
): Promise<SaeParameters> {
  const bias = ['b_dec', 'bias', 'decoder_bias', 'decoder.bias'].find((name) => tensors.has(name)) ?? 'b_dec';
  const b_dec = await tensors.read(bias, [dIn]);
  if (!hasLinearLayers(dictClass))
    return {
      W_enc: await tensors.read('W_enc', [dIn, dSae]),
      b_enc: await tensors.read('b_enc', [dSae]),
      W_dec: await tensors.read('W_dec', [dSae, dIn]),
      b_dec,
    };
  return {
    W_enc: await tensors.readTransposed('encoder.weight', [dIn, dSae]),
    ...(tensors.has('encoder.bias') && { b_enc: await tensors.read('encoder.bias', [dSae]) }),
    W_dec: await tensors.readTransposed('decoder.weight', [dSae, dIn]),
    b_dec,
  };
}

interface OwnParts {
  tensors: SaeTensors;
  k: number | null;
  dSae: number;
  hints: LayoutHints;
  notes: LoadNotes;
}

/** Architecture, what belongs to it, and the parameters that not all have. */
async function readOwn(
  dictClass: DictionaryClass,
  parts: OwnParts,
): Promise<{ own: Pick<SaeFields, 'architecture' | 'k' | 'widths' | 'metadata'>; more: Partial<SaeParameters> }> {
  const { tensors, k, dSae } = parts;
  switch (dictClass) {
    case 'AutoEncoder':
    case 'AutoEncoderNew':
      return { own: { architecture: 'standard' }, more: {} };
    case 'GatedAutoEncoder':
      return {
        own: { architecture: 'gated' },
        more: {
          b_gate: await tensors.read('gate_bias', [dSae]),
          b_mag: await tensors.read('mag_bias', [dSae]),
          r_mag: await tensors.read('r_mag', [dSae]),
        },
      };
    case 'JumpReluAutoEncoder':
      return { own: { architecture: 'jumprelu' }, more: { threshold: await tensors.read('threshold', [dSae]) } };
    case 'AutoEncoderTopK':
      if (k === null) throw missingK(tensors);
      return { own: { architecture: 'topk', k }, more: {} };
    case 'BatchTopKSAE':
    case 'MatryoshkaBatchTopKSAE':
      return readBatchTopK(dictClass === 'BatchTopKSAE' ? 'batchtopk' : 'matryoshka_batchtopk', parts);
  }
}

const missingK = ({ title }: SaeTensors): SaeFormatError =>
  new SaeFormatError(`${title}: neither its tensors nor its settings say k, how many latents a token keeps: say k`);

/**
 * Such an SAE is used with the threshold that training found, which is JumpReLU; asked for as what it was trained as, it
 * keeps k for training on. One whose threshold is unset (-1) would let every positive latent through.
 */
async function readBatchTopK(
  trainedAs: 'batchtopk' | 'matryoshka_batchtopk',
  { tensors, k, dSae, hints, notes }: OwnParts,
): ReturnType<typeof readOwn> {
  const found = tensors.has('threshold') ? await tensors.number('threshold') : -1;
  if (hints.architecture === trainedAs) {
    if (k === null) throw missingK(tensors);
    if (found < 0)
      notes.add('unknown', 'threshold', 'the threshold is unset: until one is found, all that is positive is active');
    const more = { topk_threshold: Float32Array.of(Math.max(0, found)) };
    if (trainedAs === 'batchtopk') return { own: { architecture: trainedAs, k }, more };
    return { own: { architecture: trainedAs, k, widths: await widthsOfGroups(tensors) }, more };
  }
  if (found < 0)
    throw new SaeFormatError(
      `${tensors.title}: the threshold is unset (${found}), so training stopped before there was one; say architecture ${trainedAs} to read it as it was trained`,
    );
  notes.add('converted', 'threshold', `a ${trainedAs} SAE is used with its threshold ${found}: read as jumprelu`);
  const metadata = { training_architecture: trainedAs, ...(k !== null && { k }) };
  return { own: { architecture: 'jumprelu', metadata }, more: { threshold: new Float32Array(dSae).fill(found) } };
}

/** Sizes of the groups -> widths of the nested dictionaries. */
async function widthsOfGroups(tensors: SaeTensors): Promise<number[]> {
  let width = 0;
  return Array.from(await tensors.whole('group_sizes'), (size) => (width += size));
}
