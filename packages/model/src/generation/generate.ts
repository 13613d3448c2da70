import type { Engine } from '@monosema/engine';
import type { Model } from '../model.ts';
import { generateStream, type End } from './generate-stream.ts';
import type { GenerateOptions } from './options.ts';

export interface Generated {
  /** The new tokens of each prompt. */
  ids: number[][];
  /** Their exact text, which continues the prompt's: `prompt + text` is the whole. Without a stop string that ended it. */
  texts: string[];
  /** Why each row ended. */
  ends: End[];
}

/**
 * Continues prompts, all of them together: `generateStream` to its end.
 *
 * @throws RangeError naming the option that is wrong; the signal's reason on abort
 * @example (await generate(engine, model, { prompts: ['Once upon a time'], newTokens: 8 })).texts[0] // ", there was a little…"
 */
export async function generate(engine: Engine, model: Model, options: GenerateOptions): Promise<Generated> {
  const ids = options.prompts.map((): number[] => []);
  const texts = options.prompts.map(() => '');
  const ends = options.prompts.map((): End => 'length');
  for await (const { row, id, text, end } of generateStream(engine, model, options)) {
    if (id !== null) ids[row]!.push(id);
    texts[row] += text;
    if (end) ends[row] = end;
  }
  return { ids, texts, ends };
}
