import type { GenerateOptions } from './options.ts';
import { keepGreatest } from './keep-greatest.ts';

/** Chooses a token from a row of logits, which it may overwrite; `written` are the row's new tokens so far. */
export type Sampler = (logits: Float32Array, row: number, written: readonly number[]) => number;

/** Null where the likeliest token is always the one, which an engine finds by itself. */
export function samplerOf(options: GenerateOptions, rows: number): Sampler | null {
  const { temperature = 0, topK, topP, seed = 0, frequencyPenalty = 0, presencePenalty = 0 } = options;
  const penalised = frequencyPenalty !== 0 || presencePenalty !== 0;
  if (temperature === 0 && !penalised) return null;
  // A stream for each row: what it becomes depends on the seed and its number, not on how many others there are.
  const streams = Array.from({ length: rows }, (_, row) => randomStream(seed, row));
  return (logits, row, written) => {
    if (penalised) penalise(logits, written, frequencyPenalty, presencePenalty);
    if (temperature === 0) return indexOfMaximum(logits);
    return draw(weightsOf(logits, { temperature, topK, topP }), streams[row]!()) ?? indexOfMaximum(logits);
  };
}

/** How likely each token is to be drawn, the likeliest 1: softmax of logits / temperature, then the likeliest tokens only. */
export function weightsOf(
  logits: Float32Array,
  { temperature = 1, topK, topP = 1 }: Pick<GenerateOptions, 'temperature' | 'topK' | 'topP'>,
): Float64Array {
  const highest = logits[indexOfMaximum(logits)]!;
  const weights = new Float64Array(logits.length);
  for (let token = 0; token < weights.length; token++)
    weights[token] = Math.exp((logits[token]! - highest) / temperature);
  if (topK !== undefined && topK < weights.length) keepGreatest(weights, topK, 'count');
  if (topP < 1) keepGreatest(weights, topP * sum(weights), 'weight');
  return weights;
}

function penalise(logits: Float32Array, written: readonly number[], frequency: number, presence: number): void {
  for (const token of written) logits[token]! -= frequency;
  for (const token of new Set(written)) logits[token]! -= presence;
}

function indexOfMaximum(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** The token at `fraction` of the whole weight; null where rounding leaves none. */
function draw(weights: Float64Array, fraction: number): number | null {
  let rest = fraction * sum(weights);
  for (let token = 0; token < weights.length; token++) {
    rest -= weights[token]!;
    if (rest < 0) return token;
  }
  return null;
}

/** Uniform numbers in [0, 1): Bob Jenkins's "sfc32" (PractRand), seeded with the seed and the stream's number. */
function randomStream(seed: number, stream: number): () => number {
  let [a, b, c, counter] = [seed | 0, Math.floor(seed / 2 ** 32) | 0, stream | 0, 1];
  const next = (): number => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 15; i++) next();
  return next;
}
