import { z } from 'zod';
import type { Architecture } from './architecture.ts';
import { gemma } from './gemma/index.ts';
import { gemma2 } from './gemma2/index.ts';
import { gpt2 } from './gpt2/index.ts';
import { gptNeo } from './gpt-neo/index.ts';
import { gptNeox } from './gpt-neox/index.ts';
import { hookedTransformer } from './hooked-transformer/index.ts';
import { llama } from './llama/index.ts';
import { mistral } from './mistral/index.ts';
import { qwen2 } from './qwen2/index.ts';
import { qwen3 } from './qwen3/index.ts';

/** Every family that can be loaded. A new one is a folder beside llama's and a line here. */
const architectures: readonly Architecture[] = [
  gpt2,
  gptNeo,
  gptNeox,
  llama,
  mistral,
  qwen2,
  qwen3,
  gemma,
  gemma2,
  hookedTransformer,
];

/** What config.json's `architectures` may name. */
export const supportedArchitectures: readonly string[] = architectures.flatMap(({ names }) => names);

/** A model that this version cannot run. The message names it and what can be run. */
export class UnsupportedModelError extends Error {
  override readonly name = 'UnsupportedModelError';
}

const familySchema = z.looseObject({
  architectures: z.array(z.string()).optional(),
  model_type: z.string().optional(),
  quantization_config: z.looseObject({ quant_method: z.string().default('unknown') }).nullish(),
});

/**
 * The family of a parsed config.json.
 *
 * @throws UnsupportedModelError naming the architecture and those that are supported, or how the weights are packed
 */
export function architectureOf(config: unknown): Architecture {
  const family = familySchema.safeParse(config).data;
  const name = family?.architectures?.[0];
  const found = architectures.find(({ names }) => name !== undefined && names.includes(name));
  const quantised = family?.quantization_config;
  if (found && quantised)
    throw new UnsupportedModelError(
      `config.json: the weights are quantised (quantization_config.quant_method is "${quantised.quant_method}"); take the model in float32, float16 or bfloat16`,
    );
  if (found) return found;
  const what = name ?? family?.model_type ?? 'none';
  throw new UnsupportedModelError(
    `config.json names architecture "${what}"; supported are ${supportedArchitectures.join(', ')}`,
  );
}
