import type { Arrays, CompileOptions, Traced, TracedRecord } from '@monosema/engine';
import { checkIds } from '../check-ids.ts';
import { anyHookPointNamed, hookPointNamed } from '../hook-point-named.ts';
import type { Model } from '../model.ts';

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

/** Where the values are that an edit is given: a stretch of every row's tokens. */
export interface EditPlace {
  /** Token ids, int [batch, length]. */
  readonly ids: Traced;
  /** Index of each token in its row, int [batch or 1, length]. */
  readonly positions: Traced;
  /** Whether the tokens are the last of a prompt or new: `length` is 1 then. Before, it is a prompt without its last token. */
  readonly generated: boolean;
}

/**
 * Replaces the value at a hook point, [batch, length, …], by one of the same shape; traced once for prompts and once for new
 * tokens. Attention scores and patterns of a new token are [batch, heads, 1, positions of the cache].
 */
export type GenerationEdit = (value: Traced, place: EditPlace) => Traced;

export interface GenerateOptions {
  /** Texts, which get the model's BOS, or token ids, which are taken as they are. */
  prompts: readonly (string | readonly number[])[];
  /** Tokens to add to each prompt; a row that comes to a stop token or string ends before. */
  newTokens: number;
  /** 0 (default): always the likeliest token. Above: drawn from softmax(logits / temperature). */
  temperature?: number;
  /** Draw from the so many likeliest tokens only. */
  topK?: number;
  /** Draw from the likeliest tokens that together have at least this probability (Holtzman et al. 2019, "nucleus"). */
  topP?: number;
  /** Taken off a token's logit for each time that the row has it among its new tokens (OpenAI's frequency_penalty). */
  frequencyPenalty?: number;
  /** Taken off once for a token that the row has among its new tokens (OpenAI's presence_penalty). */
  presencePenalty?: number;
  /** For drawing: the same seed gives the same text on the same engine. */
  seed?: number;
  /** Tokens that end a row and are not part of it; by default BOS and EOS. */
  stopTokens?: readonly number[];
  /** Texts that end a row; its text stops before them. */
  stopStrings?: readonly string[];
  /** Steering, at one hook point or several. */
  edit?: SteeringEdit | readonly SteeringEdit[];
  /** Other replacements, by hook point; at one that is also steered, steering comes first. */
  edits?: Readonly<Record<string, GenerationEdit>>;
  /** Inputs of the edits: bound to `weights` where that has them, else given by `feeds`, whose first axis may be the rows. */
  inputs?: TracedRecord;
  weights?: Arrays;
  feeds?: Arrays;
  /**
   * 'initialisers' (default) writes half as fast again and holds a copy of the weights of its own while it writes and a minute
   * longer; 'inputs' shares one copy with every other program of the model: see `CompileOptions`.
   */
  weightsAs?: CompileOptions['weightsAs'];
  signal?: AbortSignal;
}

export const steeringOf = ({ edit = [] }: Pick<GenerateOptions, 'edit'>): readonly SteeringEdit[] =>
  'hookPoint' in edit ? [edit] : edit;

/** @throws RangeError or UnknownHookPointError naming the option that is wrong */
export function checkOptions(model: Model, prompts: readonly number[][], options: GenerateOptions): void {
  const { newTokens, edits = {}, stopTokens = [], stopStrings = [] } = options;
  if (!Number.isInteger(newTokens) || newTokens < 1)
    throw new RangeError(`newTokens is ${newTokens}, but must be a whole number of at least 1`);
  checkSampling(options);
  for (const id of stopTokens) checkIds(model, [id], 1);
  if (stopStrings.includes('')) throw new RangeError('stopStrings has an empty string, which would end every row');
  prompts.forEach((prompt, i) => checkPrompt(model, prompt, i, newTokens));
  steeringOf(options).forEach(({ hookPoint, vectors }, i) => {
    const { width } = hookPointNamed(model, hookPoint);
    const name = Array.isArray(options.edit) ? `edit[${i}]` : 'edit';
    if (vectors.length !== prompts.length * width)
      throw new RangeError(
        `${name}.vectors has ${vectors.length} numbers, but ${prompts.length} prompts × width ${width} of ${hookPoint} are needed`,
      );
  });
  for (const name of Object.keys(edits)) anyHookPointNamed(model, name);
}

function checkSampling({ temperature = 0, topK = 1, topP = 1, ...options }: GenerateOptions): void {
  const { frequencyPenalty = 0, presencePenalty = 0, seed = 0 } = options;
  if (!(temperature >= 0 && temperature < Infinity))
    throw new RangeError(`temperature is ${temperature}, but must be at least 0`);
  if (!Number.isInteger(topK) || topK < 1)
    throw new RangeError(`topK is ${topK}, but must be a whole number of at least 1`);
  if (!(topP > 0 && topP <= 1)) throw new RangeError(`topP is ${topP}, but must be above 0 and at most 1`);
  for (const [name, value] of Object.entries({ frequencyPenalty, presencePenalty }))
    if (!Number.isFinite(value)) throw new RangeError(`${name} is ${value}, but must be a number`);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed is ${seed}, but must be a whole number`);
}

function checkPrompt(model: Model, prompt: readonly number[], i: number, newTokens: number): void {
  const { contextSize } = model.config;
  if (prompt.length === 0) throw new RangeError(`prompt ${i} is empty`);
  checkIds(model, prompt, prompt.length);
  if (prompt.length + newTokens > contextSize)
    throw new RangeError(
      `prompt ${i} has ${prompt.length} tokens and newTokens is ${newTokens}, but ${model.id} reads at most ${contextSize}`,
    );
}
