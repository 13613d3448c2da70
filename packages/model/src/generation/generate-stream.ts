import type { Arrays, Engine } from '@monosema/engine';
import type { Model } from '../model.ts';
import { takeDecoder, type Decoder } from './decoder-pool.ts';
import { emptyCache } from './decoder-program.ts';
import { checkOptions, steeringOf, type GenerateOptions } from './options.ts';
import { putRows, takeRows } from './row-groups.ts';
import { samplerOf, type Sampler } from './sampler.ts';
import { steeringFeeds } from './traced-edits.ts';
import { WrittenText } from './written-text.ts';

/** Why a row ended: it has `newTokens` tokens, or a stop token or string came. */
export type End = 'length' | 'stopToken' | 'stopString';

export interface GeneratedToken {
  /** Which prompt it continues. */
  row: number;
  /** The new token; null where the row ends without another, at a stop token. */
  id: number | null;
  /**
   * What it adds to the row's text, whole characters only: '' while one is unfinished or may begin a stop string, more once
   * that is known. The texts of a row join to what `generate` gives.
   */
  text: string;
  /** Set on the last of a row. */
  end: End | null;
}

/**
 * Continues prompts, all of them together, and gives every token as it is chosen: one pass over the prompts, then one token
 * of each row at a time against a cache of keys and values. Prompts may differ in length. Leaving the loop ends it.
 *
 * @throws RangeError naming the option that is wrong; the signal's reason on abort
 * @example for await (const { text } of generateStream(engine, model, { prompts: ['Once'], newTokens: 40 })) write(text);
 */
export async function* generateStream(
  engine: Engine,
  model: Model,
  options: GenerateOptions,
): AsyncGenerator<GeneratedToken, void, undefined> {
  const prompts = options.prompts.map((prompt) =>
    typeof prompt === 'string' ? model.tokenizer.encode(prompt) : [...prompt],
  );
  if (prompts.length === 0) return;
  checkOptions(model, prompts, options);
  const longest = Math.max(...prompts.map((prompt) => prompt.length));
  const slots = Math.min(model.config.contextSize, Math.ceil((longest + options.newTokens) / 32) * 32);
  const sampler = samplerOf(options, prompts.length);
  const { decoder, giveBack } = await takeDecoder(engine, model, { slots, greedy: sampler === null, options });
  try {
    yield* new Generation(model, prompts, options, decoder, slots, sampler).run();
  } finally {
    await giveBack();
  }
}

/** The state of one call. */
class Generation {
  private readonly ids: number[][];
  private readonly texts: WrittenText[];
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
    this.ids = prompts.map(() => []);
    this.texts = prompts.map(() => new WrittenText(options.stopStrings));
    this.ended = prompts.map(() => false);
    this.stops = new Set(options.stopTokens ?? [bos, eos].filter((id) => id !== null));
    this.special = new Set(specialTokens);
  }

  async *run(): AsyncGenerator<GeneratedToken, void, undefined> {
    this.options.signal?.throwIfAborted();
    await this.decoder.step.writeState(await this.prefill());
    while (!this.ended.every(Boolean)) {
      this.options.signal?.throwIfAborted();
      const next = await this.step();
      for (const row of this.ids.keys()) if (!this.ended[row]) yield this.append(row, next(row));
    }
  }

  /** The cache after each prompt but for its last token; what stands behind that is overwritten before it is read. */
  private async prefill(): Promise<Arrays> {
    const rows = this.prompts.length;
    const most = Math.max(...this.prompts.map((prompt) => prompt.length)) - 1;
    const cache = (): Arrays => emptyCache(this.model, rows, this.slots);
    if (most === 0) return cache();
    const length = Math.min(this.slots, roundedUp(most));
    const program = await this.decoder.prefill(length);
    const ids = new Int32Array(rows * length);
    this.prompts.forEach((prompt, row) => ids.set(prompt.slice(0, -1), row * length));
    const feeds = this.feeds(ids, false);
    const group = Math.max(1, Math.floor(tokensPerPass / length));
    if (rows <= group) return program.run(feeds);
    const whole = cache();
    for (let first = 0; first < rows; first += group) {
      this.options.signal?.throwIfAborted();
      const part = await program.run(takeRows(feeds, this.options.inputs, first, Math.min(rows, first + group)));
      putRows(whole, part, first);
    }
    return whole;
  }

  /** Reads the last token of every row; gives the token that follows, by row. */
  private async step(): Promise<(row: number) => number> {
    const ids = Int32Array.from(this.prompts, (prompt, row) => this.ids[row]!.at(-1) ?? prompt.at(-1)!);
    const position = Int32Array.from(this.prompts, (prompt, row) => prompt.length + this.ids[row]!.length - 1);
    const { next, logits } = await this.decoder.step.run({
      ...this.feeds(ids, true),
      position: { data: position, shape: [position.length] },
    });
    if (next) return (row) => next.data[row]!;
    const { vocabularySize } = this.model.config;
    const all = logits!.data as Float32Array;
    return (row) => this.sampler!(all.subarray(row * vocabularySize, (row + 1) * vocabularySize), row, this.ids[row]!);
  }

  private feeds(ids: Int32Array, generated: boolean): Arrays {
    const rows = this.prompts.length;
    return {
      ids: { data: ids, shape: [rows, ids.length / rows] },
      ...steeringFeeds(steeringOf(this.options), ids, rows, this.special, generated),
      ...this.options.feeds,
    };
  }

  private append(row: number, next: number): GeneratedToken {
    const ids = this.ids[row]!;
    const text = this.texts[row]!;
    const isStop = this.stops.has(next);
    if (!isStop) ids.push(next);
    let more = isStop ? '' : text.push(this.model.tokenizer.vocabulary.pieces[next]!);
    const isLast = isStop || ids.length === this.options.newTokens;
    if (isLast) more += text.finish();
    const end = text.stopped ? 'stopString' : isStop ? 'stopToken' : isLast ? 'length' : null;
    this.ended[row] = end !== null;
    return { row, id: isStop ? null : next, text: more, end };
  }
}

/** Tokens of prompts that are read at once: more are no faster, and take memory. */
const tokensPerPass = 4096;

/** A few lengths serve all, none more than a third too long. */
function roundedUp(length: number): number {
  const step = Math.max(8, 2 ** (Math.floor(Math.log2(length)) - 2));
  return Math.ceil(length / step) * step;
}
