import type { ModelRecord } from '@monosema/catalog';
import * as op from '@monosema/engine';
import type { Arrays, TracedRecord } from '@monosema/engine';
import { checkEdits } from './hook-point-named.ts';
import { Hooks } from './hooks.ts';
import type { Model } from './model.ts';
import type { Tokenizer } from './tokenizer/tokenizer.ts';
import type { TransformerConfig } from './transformer/config.ts';
import { decode, forward } from './transformer/forward.ts';
import { hookPointsOf, isForSaes, type HookPoint } from './transformer/hook-points.ts';
import { arrange } from './weights/arrange.ts';

export interface ModelParts {
  readonly identity: Pick<ModelRecord, 'id' | 'displayName' | 'origin' | 'licence'>;
  readonly config: TransformerConfig;
  /** Named and shaped as `weightShapes(config)` says. */
  readonly weights: Arrays;
  readonly tokenizer: Tokenizer;
}

/** A model of its parts. */
export function assembleModel({ identity, config, weights, tokenizer }: ModelParts): Model {
  const { id } = identity;
  const hookPoints = hookPointsOf(config);
  const parameters: TracedRecord = Object.fromEntries(
    Object.entries(weights).map(([name, { shape }]) => [name, op.input(name, shape)]),
  );
  const checked = (hooks: Hooks): Hooks => {
    checkEdits({ id, hookPoints }, hooks.editNames);
    return hooks;
  };
  return {
    id,
    config,
    tokenizer,
    weights,
    parameters,
    record: recordOf(identity, config, hookPoints),
    hookPoints,
    trace: (ids, hooks = new Hooks()) => forward(config, parameters, ids, checked(hooks)).logits,
    prefill: (ids, hooks = new Hooks()) => forward(config, parameters, ids, checked(hooks)),
    decode: (ids, state, hooks = new Hooks()) => decode(config, parameters, ids, checked(hooks), state),
    unembedding: () => unembeddingOf(config, weights),
  };
}

function recordOf(
  { id, displayName, origin, licence }: ModelParts['identity'],
  { architecture, layers, dModel, vocabularySize, contextSize }: TransformerConfig,
  hookPoints: readonly HookPoint[],
): ModelRecord {
  return {
    id,
    displayName,
    architecture,
    layers,
    dModel,
    vocabularySize,
    contextSize,
    origin,
    licence,
    hookPoints: hookPoints.filter(isForSaes),
  };
}

function unembeddingOf(config: TransformerConfig, weights: Arrays): ReturnType<Model['unembedding']> {
  const data = (name: string): Float32Array | undefined => weights[name]?.data as Float32Array | undefined;
  const shape = [config.vocabularySize, config.dModel];
  return {
    W_U: config.tied
      ? arrange(data('embed.W_E')!, { tensor: 'embed.W_E', shape, permute: [1, 0] })
      : data('unembed.W_U')!.slice(),
    finalNormGain: data('ln_final.w')?.slice() ?? null,
  };
}
