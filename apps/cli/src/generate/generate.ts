import { generate, type Model } from '@monosema/model';
import { steeringVector } from '@monosema/pipeline';
import { forOption, UsageError } from '../exit.ts';
import { openSae, withSession } from '../session.ts';
import { writeJson } from '../terminal.ts';
import type { GenerateOptions } from './command.ts';

/** `monosema generate`. Each result goes to standard output, prompt and continuation together. */
export async function generateText(prompts: string[], options: GenerateOptions, signal: AbortSignal): Promise<void> {
  if (options.temperature < 0)
    throw new UsageError('--temperature', `is ${options.temperature}, but must be at least 0`);
  if (options.steer && !options.sae)
    throw new UsageError('--steer', 'needs --sae, the folder of the SAE whose features are meant');
  await withSession(options, async ({ engine, model }) => {
    const edit = await editFrom(options, model, prompts.length);
    const { tokens: newTokens, temperature, seed } = options;
    const { ids, texts } = await generate(engine, model, { prompts, newTokens, temperature, seed, edit, signal });
    if (options.json) writeJson(prompts.map((prompt, i) => ({ prompt, text: texts[i], ids: ids[i] })));
    else process.stdout.write(prompts.map((prompt, i) => `${prompt}${texts[i]}\n`).join('\n'));
  });
}

async function editFrom(
  { sae: folder, steer }: GenerateOptions,
  model: Model,
  rows: number,
): Promise<{ hookPoint: string; vectors: Float32Array } | undefined> {
  if (!folder || !steer) return undefined;
  const sae = await openSae(folder, model);
  const vector = await forOption('--steer', () => steeringVector(sae, steer));
  const vectors = new Float32Array(rows * vector.length);
  for (let row = 0; row < rows; row++) vectors.set(vector, row * vector.length);
  return { hookPoint: sae.config.contract.hookPoint, vectors };
}
