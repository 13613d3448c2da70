import type { Arrays, Engine } from '@monosema/engine';
import { checkIds } from '../check-ids.ts';
import { hookPointNamed } from '../hook-point-named.ts';
import type { Model } from '../model.ts';
import { withDecoder, type Decoder } from './decoder-pool.ts';
import { emptyCache } from './decoder-program.ts';
import { temperatureSampler, type Sampler } from './sampler.ts';

/** A vector added to the model's own value at a hook point while it writes. */
export interface SteeringEdit {
  hookPoint: string;
  /** One vector per prompt: [prompts, width of the hook point]. */
  vectors: Float32Array;
  /**
   * `all` (default): at every token, prompt included, but for special ones such as BOS, as Neuronpedia steers;
   * `generated`: from the last token of the prompt on, which is where the first new token is chosen.
   */
  positions?: 'all' | 'generated';
}

export interface GenerateOptions {
  /** Texts, which get the model's BOS, or token ids, which are taken as they are. */
  prompts: readonly (string | readonly number[])[];
  /** Tokens to add to each prompt; a row that comes to BOS or EOS ends there. */
  newTokens: number;
  /** 0 (default): always the likeliest token. Above: drawn from softmax(logits / temperature). */
  temperature?: number;
  /** For drawing: the same seed gives the same text. */
  seed?: number;
  edit?: SteeringEdit;
  signal?: AbortSignal;
}

export interface Generated {
  /** The new tokens of each prompt. */
  ids: number[][];
  /** Their exact text, which continues the prompt's: `prompt + text` is the whole. */
  texts: string[];
}

/**
 * Continues prompts, all of them together: one pass over what every prompt has, then one token of each row at a time
 * against a cache of keys and values. Prompts may differ in length.
 *
 * @throws RangeError naming the option that is wrong; the signal's reason on abort
 * @example (await generate(engine, model, { prompts: ['Once upon a time'], newTokens: 8 })).texts[0] // ", there was a little…"
 */
export async function generate(engine: Engine, model: Model, options: GenerateOptions): Promise<Generated> {
  const prompts = options.prompts.map((prompt) =>
    typeof prompt === 'string' ? model.tokenizer.encode(prompt) : [...prompt],
  );
  if (prompts.length === 0) return { ids: [], texts: [] };
  const { newTokens, temperature = 0, seed = 0, edit } = options;
  checkOptions(model, prompts, options);
  const longest = Math.max(...prompts.map((prompt) => prompt.length));
  const slots = Math.min(model.config.contextSize, Math.ceil((longest + newTokens) / 32) * 32);
  const greedy = temperature === 0;
  const shape = { slots, hookPoint: edit?.hookPoint ?? null, greedy };
  const sampler = greedy ? null : temperatureSampler(temperature, seed, prompts.length);
  const rows = await withDecoder(engine, model, shape, (decoder) =>
    new Generation(model, prompts, options, decoder, slots, sampler).run(),
  );
  const ids = rows.map((row, i) => row.slice(prompts[i]!.length));
  const texts = ids.map((row) => model.tokenizer.vocabulary.textsOf(row).join(''));
  return { ids, texts };
}

function checkOptions(
  model: Model,
  prompts: readonly number[][],
  { newTokens, temperature = 0, edit }: GenerateOptions,
): void {
  const { contextSize } = model.config;
  if (!Number.isInteger(newTokens) || newTokens < 1)
    throw new RangeError(`newTokens is ${newTokens}, but must be a whole number of at least 1`);
  if (!(temperature >= 0 && temperature < Infinity))
    throw new RangeError(`temperature is ${temperature}, but must be at least 0`);
  prompts.forEach((prompt, i) => {
    if (prompt.length === 0) throw new RangeError(`prompt ${i} is empty`);
    checkIds(model, prompt, prompt.length);
    if (prompt.length + newTokens > contextSize)
      throw new RangeError(
        `prompt ${i} has ${prompt.length} tokens and newTokens is ${newTokens}, but ${model.id} reads at most ${contextSize}`,
      );
  });
  if (!edit) return;
  const { width } = hookPointNamed(model, edit.hookPoint);
  if (edit.vectors.length !== prompts.length * width)
    throw new RangeError(
      `edit.vectors has ${edit.vectors.length} numbers, but ${prompts.length} prompts × width ${width} of ${edit.hookPoint} are needed`,
    );
}

/** The state of one call. */
class Generation {
  private readonly rows: number[][];
  private readonly ended: boolean[];
  private readonly stops: ReadonlySet<number>;
  private readonly special: ReadonlySet<number>;

  constructor(
    private readonly model: Model,
    private readonly prompts: readonly number[][],
    private readonly options: GenerateOptions,
    private readonly decoder: Decoder,
    private readonly slots: number,
    private readonly sampler: Sampler | null,
  ) {
    const { bos, eos, specialTokens } = model.tokenizer;
    this.rows = prompts.map((prompt) => [...prompt]);
    this.ended = prompts.map(() => false);
    this.stops = new Set([bos, eos].filter((id) => id !== null));
    this.special = new Set(specialTokens);
  }

  /** @returns prompts and new tokens together */
  async run(): Promise<number[][]> {
    const { newTokens, signal } = this.options;
    const lengths = this.prompts.map((prompt) => prompt.length);
    const shared = Math.min(...lengths) - 1;
    await this.decoder.step.writeState(await this.prefill(shared));
    for (let position = shared; position < Math.max(...lengths) + newTokens - 1; position++) {
      signal?.throwIfAborted();
      const next = await this.step(position);
      this.rows.forEach((row, i) => this.append(row, i, position, next(i)));
      if (this.ended.every(Boolean)) break;
    }
    return this.rows;
  }

  /** The cache after the first `shared` tokens. */
  private async prefill(shared: number): Promise<Arrays> {
    const rows = this.prompts.length;
    if (shared === 0) return emptyCache(this.model, rows, this.slots);
    // A few lengths serve all: what is behind `shared` is overwritten before it is read.
    const length = Math.min(this.slots, Math.ceil(shared / 8) * 8);
    const program = await this.decoder.prefill(length);
    const ids = new Int32Array(rows * length);
    this.prompts.forEach((prompt, i) => ids.set(prompt.slice(0, shared), i * length));
    return program.run({ ids: { data: ids, shape: [rows, length] }, ...this.steering(0, length) });
  }

  /** Reads the token at `position` of every row; gives the token that follows, by row. */
  private async step(position: number): Promise<(row: number) => number> {
    const ids = Int32Array.from(this.rows, (row) => row[position] ?? 0);
    const { next, logits } = await this.decoder.step.run({
      ids: { data: ids, shape: [ids.length, 1] },
      position: { data: Int32Array.of(position), shape: [1] },
      ...this.steering(position, 1),
    });
    if (next) return (row) => next.data[row]!;
    const { vocabularySize } = this.model.config;
    const all = logits!.data as Float32Array;
    return (row) => this.sampler!(all.subarray(row * vocabularySize, (row + 1) * vocabularySize), row);
  }

  private append(row: number[], i: number, position: number, next: number): void {
    const inPrompt = position + 1 < this.prompts[i]!.length;
    if (inPrompt || this.ended[i]) return;
    if (!this.stops.has(next)) row.push(next);
    this.ended[i] = this.stops.has(next) || row.length === this.prompts[i]!.length + this.options.newTokens;
  }

  private steering(first: number, length: number): Arrays {
    const { edit } = this.options;
    if (!edit) return {};
    const { vectors, positions = 'all' } = edit;
    const count = this.rows.length;
    const steered = new Float32Array(count * length);
    this.rows.forEach((row, i) => {
      const from = positions === 'all' ? 0 : this.prompts[i]!.length - 1;
      for (let at = 0; at < length; at++)
        if (first + at >= from && !this.special.has(row[first + at] ?? -1)) steered[i * length + at] = 1;
    });
    return {
      vectors: { data: vectors, shape: [count, vectors.length / count] },
      steered: { data: steered, shape: [count, length] },
    };
  }
}
