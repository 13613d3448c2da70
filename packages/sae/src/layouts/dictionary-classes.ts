import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { LayoutHints } from './layout.ts';
import type { TensorRules } from './tensors.ts';

/** Classes of dictionary_learning whose weights are read. */
export const dictionaryClasses = [
  ...['AutoEncoder', 'AutoEncoderNew', 'GatedAutoEncoder', 'JumpReluAutoEncoder'],
  ...['AutoEncoderTopK', 'BatchTopKSAE', 'MatryoshkaBatchTopKSAE'],
] as const;
export type DictionaryClass = (typeof dictionaryClasses)[number];

const keptForTraining = { threshold: 'its encode keeps the k largest of a token, whatever their threshold' };
/** Their tensors. Encoder and decoder are torch Linear layers, [outputs, inputs], unless they are called W_enc and W_dec. */
export const tensorRules: Readonly<Record<DictionaryClass, TensorRules>> = {
  AutoEncoder: { needed: ['encoder.weight', 'encoder.bias', 'decoder.weight', 'bias'] },
  AutoEncoderNew: { needed: ['encoder.weight', 'encoder.bias', 'decoder.weight', 'decoder.bias'] },
  GatedAutoEncoder: {
    needed: ['encoder.weight', 'decoder.weight', 'decoder_bias', 'gate_bias', 'mag_bias', 'r_mag'],
  },
  JumpReluAutoEncoder: { needed: ['W_enc', 'b_enc', 'W_dec', 'b_dec', 'threshold'] },
  AutoEncoderTopK: {
    needed: ['encoder.weight', 'encoder.bias', 'decoder.weight', 'b_dec'],
    optional: ['k'],
    ignored: keptForTraining,
  },
  BatchTopKSAE: {
    needed: ['encoder.weight', 'encoder.bias', 'decoder.weight', 'b_dec'],
    optional: ['k', 'threshold'],
  },
  MatryoshkaBatchTopKSAE: {
    needed: ['W_enc', 'b_enc', 'W_dec', 'b_dec', 'group_sizes'],
    optional: ['k', 'threshold'],
  },
};

/** What a config calls it. @throws SaeFormatError for a class that is no SAE */
export function dictionaryClass(name: unknown): DictionaryClass {
  const known = dictionaryClasses.find((each) => each === name);
  if (known) return known;
  throw new SaeFormatError(
    `config.json: trainer.dict_class: ${String(name)} is none of ${dictionaryClasses.join(', ')}`,
  );
}

/** Whether a state dict can be told to be one of dictionary_learning by the names in it. */
export const isDictionary = (names: ReadonlySet<string>): boolean => candidates(names).length > 0;

/**
 * The class of a state dict that comes alone. TopK and BatchTopK ones have the same tensors: a hint must tell.
 * @throws SaeFormatError when it does not
 */
export function classOfTensors(names: ReadonlySet<string>, { architecture }: LayoutHints): DictionaryClass {
  const [first, second] = candidates(names);
  if (first && !second) return first;
  if (architecture === 'topk') return 'AutoEncoderTopK';
  if (architecture === 'batchtopk' || architecture === 'jumprelu') return 'BatchTopKSAE';
  throw new SaeFormatError(
    'TopK and BatchTopK SAEs of dictionary_learning have the same tensors, and no config.json says which this is: ' +
      'say architecture topk, or batchtopk or jumprelu',
  );
}

function candidates(names: ReadonlySet<string>): DictionaryClass[] {
  const has = (...wanted: string[]): boolean => wanted.every((name) => names.has(name));
  if (has('gate_bias', 'decoder_bias')) return ['GatedAutoEncoder'];
  if (has('group_sizes', 'W_enc')) return ['MatryoshkaBatchTopKSAE'];
  if (!has('encoder.weight', 'decoder.weight')) return [];
  if (has('bias')) return ['AutoEncoder'];
  if (has('decoder.bias')) return ['AutoEncoderNew'];
  return has('b_dec') ? ['AutoEncoderTopK', 'BatchTopKSAE'] : [];
}
