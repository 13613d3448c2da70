import type { SteeringPreview } from '@monosema/catalog';
import type { Engine } from '@monosema/engine';
import { generate, type Model } from '@monosema/model';
import type { Sae } from '@monosema/sae';
import { decoderRow, steeringVector } from './steering-vector.ts';

export interface SteeringOptions {
  engine: Engine;
  model: Model;
  sae: Sae;
  /** Features to steer with, in this order; `maximum` is the highest activation seen. */
  features: readonly { index: number; maximum: number }[];
  prompts?: readonly string[];
  /** Tokens per continuation. */
  newTokens?: number;
  /** How strongly to steer, in multiples of the feature's maximum activation. */
  multiples?: readonly number[];
  /** Generated tokens in all, baselines left out: features beyond it are not previewed. Default: no limit. */
  tokenBudget?: number;
  /** Continuations per batch. */
  batchRows?: number;
  signal?: AbortSignal;
}

export type SteeringEvent =
  | { kind: 'baselines'; baselines: string[] }
  | { kind: 'previews'; index: number; previews: SteeringPreview[] }
  /** In features. */
  | { kind: 'progress'; done: number; total: number };

/** Openings that leave a story model something to say. */
export const defaultSteeringPrompts = ['Once upon a time, there was', 'One day, a little girl'] as const;

/** In multiples of a feature's maximum: half, and as strongly as the text ever made it. Beyond it small models stammer. */
export const defaultSteeringMultiples = [0.5, 1] as const;

/** A continuation to make: a row of a batch. */
interface Row {
  feature: number;
  promptIndex: number;
  strength: number;
}

/**
 * Continuations with a feature's direction added at the SAE's hook point at every position, beside plain ones.
 *
 * strength × unit decoder row is added, strength being a multiple of what the feature itself adds at its highest
 * activation: 1 is "as strongly as the text ever made it", so that previews of different features compare. Greedy, so that
 * any difference is the steering's. The plain continuation is made once per prompt.
 *
 * @param features best first: the token budget cuts from the end
 * @example
 * for await (const event of previewSteering({ engine, model, sae, features: [{ index: 7, maximum: 4.2 }] })) …
 */
export async function* previewSteering(options: SteeringOptions): AsyncGenerator<SteeringEvent> {
  const {
    engine,
    model,
    sae,
    prompts = defaultSteeringPrompts,
    newTokens = 32,
    multiples = defaultSteeringMultiples,
    batchRows = 64,
    signal,
  } = options;
  const rowsPerFeature = prompts.length * multiples.length;
  if (rowsPerFeature === 0) throw new RangeError('a steering preview needs at least one prompt and one multiple');
  const affordable = Math.floor((options.tokenBudget ?? Infinity) / (rowsPerFeature * newTokens));
  const features = options.features.slice(0, Math.max(0, affordable));

  const plain = await generate(engine, model, { prompts: [...prompts], newTokens, signal });
  const baselines = plain.texts;
  yield { kind: 'baselines', baselines };

  const featuresPerBatch = Math.max(1, Math.floor(batchRows / rowsPerFeature));
  for (let first = 0; first < features.length; first += featuresPerBatch) {
    signal?.throwIfAborted();
    const batch = features.slice(first, first + featuresPerBatch);
    const rows = batch.flatMap(({ index, maximum }) => rowsOf(sae, index, maximum, prompts.length, multiples));
    const steered = await generate(engine, model, {
      prompts: rows.map(({ promptIndex }) => prompts[promptIndex]!),
      newTokens,
      edit: { hookPoint: sae.config.contract.hookPoint, vectors: vectorsOf(sae, rows) },
      signal,
    });
    for (const { index } of batch) {
      const previews = rows.flatMap(({ feature, promptIndex, strength }, i) => {
        if (feature !== index) return [];
        return [
          {
            promptIndex,
            prompt: prompts[promptIndex]!,
            strength,
            baseline: baselines[promptIndex]!,
            steered: steered.texts[i]!,
          },
        ];
      });
      yield { kind: 'previews', index, previews };
    }
    yield { kind: 'progress', done: first + batch.length, total: features.length };
  }
}

function rowsOf(sae: Sae, feature: number, maximum: number, prompts: number, multiples: readonly number[]): Row[] {
  const norm = Math.hypot(...decoderRow(sae, feature));
  return Array.from({ length: prompts }, (_, promptIndex) =>
    multiples.map((multiple) => ({ feature, promptIndex, strength: multiple * maximum * norm })),
  ).flat();
}

/** [rows, d_in] */
function vectorsOf(sae: Sae, rows: readonly Row[]): Float32Array {
  const { dIn } = sae.config;
  const vectors = new Float32Array(rows.length * dIn);
  rows.forEach((row, i) => vectors.set(steeringVector(sae, [row]), i * dIn));
  return vectors;
}
