import type { Arrays } from '@monosema/engine';
import type { TensorFile } from '@monosema/formats';
import type { WeightSource } from '../architectures/architecture.ts';
import { assembleModel, type ModelParts } from '../assemble-model.ts';
import type { Model } from '../model.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { TransformerConfig } from '../transformer/config.ts';
import { readWeights } from '../weights/read-weights.ts';
import { numberedTokenizer } from './numbered-tokenizer.ts';

export interface TensorsAsModel {
  readonly identity: ModelParts['identity'];
  /** Made by `transformerConfig`. */
  readonly config: TransformerConfig;
  /** Where each weight of `weightShapes(config)` comes from. */
  readonly sources: Record<string, WeightSource>;
  readonly tensors: TensorFile;
  /** Tokens are written as numbers where there is none. */
  readonly tokenizer?: Tokenizer;
}

/**
 * A model of one's own making from its tensors: for toy models that are no family's.
 *
 * @throws Error naming the tensor that is missing, unknown or misshapen
 * @example
 * const tensors = await openTorch(await openFileSource('model.pt'));
 * const model = await modelFromTensors({ identity, config, tensors, sources: { 'embed.W_E': copied('embed.weight', 12, 32), … } });
 */
export async function modelFromTensors(given: TensorsAsModel): Promise<Model> {
  const { identity, config, sources, tensors, tokenizer = numberedTokenizer(config.vocabularySize) } = given;
  const architecture = { weightSources: () => sources, isSpareTensor: () => false };
  const weights: Arrays = await readWeights({ files: [{ name: identity.id, tensors }] }, architecture, config);
  return assembleModel({ identity, config, weights, tokenizer });
}
