import type { Engine } from '@monosema/engine';
import { compileForward, hookPointNamed } from '@monosema/model';
import { concatContexts } from '../contexts.ts';
import type { TrainingText } from './options.ts';

/** Text that is trained on, and text that is measured on. */
export type Split = 'train' | 'heldOut';

/** Where activations come from. */
export interface ActivationSource {
  readonly modelId: string;
  readonly vocabularySize: number;
  /** The longest context that there may be. */
  readonly contextSize: number;
  readonly prependBos: boolean;
  /** Special tokens: forwarded, but neither trained on nor counted. Ascending. */
  readonly excludedTokens: readonly number[];
  /** Rows of token ids. */
  readonly contexts: Readonly<Record<Split, readonly Int32Array[]>>;
  /** Numbers per token. @throws naming the hook point and what there is */
  width(hookPoint: string): number;
  /**
   * Opens the hook points for reading.
   * @throws as `width`
   */
  open(hookPoints: readonly string[], contextSize: number): Promise<ActivationReader>;
}

export interface ActivationReader {
  /** The values of contexts by their place in the split, special tokens too: [contexts * contextSize, width] by hook point. */
  read(split: Split, contexts: Int32Array): Promise<Readonly<Record<string, Float32Array>>>;
  close(): Promise<void>;
}

/** Activations as a model makes them: one forward pass for all hook points. */
export function modelSource(
  engine: Engine,
  { model, trainContexts, heldOutContexts, excludedTokens }: TrainingText,
): ActivationSource {
  const { bos, specialTokens } = model.tokenizer;
  const special = excludedTokens ?? [...specialTokens, ...(bos === null ? [] : [bos])];
  const unknown = special.find((id) => !Number.isInteger(id) || id < 0 || id >= model.config.vocabularySize);
  if (unknown !== undefined)
    throw new RangeError(`excludedTokens has ${unknown}, but ids run from 0 to ${model.config.vocabularySize - 1}`);
  const contexts = { train: trainContexts, heldOut: heldOutContexts };
  return {
    modelId: model.id,
    vocabularySize: model.config.vocabularySize,
    contextSize: model.config.contextSize,
    prependBos: bos !== null && trainContexts.every((context) => context[0] === bos),
    excludedTokens: [...new Set(special)].sort((a, b) => a - b),
    contexts,
    width: (hookPoint) => hookPointNamed(model, hookPoint).width,
    async open(hookPoints, length) {
      const forward = await compileForward(engine, model, { length, taps: hookPoints });
      return {
        async read(split, places) {
          const ids = concatContexts(Array.from(places, (place) => contexts[split][place]!));
          const taps = await forward.run(ids);
          return Object.fromEntries(
            hookPoints.map((name) => {
              const data = taps[name]?.data;
              if (!(data instanceof Float32Array)) throw new Error(`the forward pass gave no ${name}`);
              return [name, data];
            }),
          );
        },
        close: () => forward.dispose(),
      };
    },
  };
}
