import { z } from 'zod';
import { rotaryFrequencies, type Rotary } from '../transformer/rotary.ts';

const positive = z.number().positive();
const scalingSchema = z.discriminatedUnion('rope_type', [
  z.looseObject({ rope_type: z.literal('default') }),
  // Beyond the context that the model knows "dynamic" would change the base; within it, it is the default.
  z.looseObject({ rope_type: z.literal('dynamic'), factor: positive }),
  z.looseObject({ rope_type: z.literal('linear'), factor: positive }),
  z.looseObject({
    rope_type: z.literal('llama3'),
    factor: positive,
    low_freq_factor: positive,
    high_freq_factor: positive,
    original_max_position_embeddings: positive.optional(),
  }),
  z.looseObject({
    rope_type: z.literal('yarn'),
    factor: positive,
    attention_factor: positive.nullish(),
    mscale: z.number().nullish(),
    mscale_all_dim: z.number().nullish(),
    beta_fast: positive.nullish(),
    beta_slow: positive.nullish(),
    truncate: z.boolean().nullish(),
    original_max_position_embeddings: positive.optional(),
  }),
]);
type Scaling = z.infer<typeof scalingSchema>;

const typed = z.looseObject({ rope_type: z.string().optional(), type: z.string().optional() });
const known = 'default, linear, dynamic, llama3, yarn';

/** The fields of config.json on rotary positions, as transformers 4 (rope_theta, rope_scaling) and 5 (rope_parameters) write them. */
export const rotaryFields = {
  rope_theta: positive.nullish(),
  rope_scaling: typed.nullish(),
  rope_parameters: typed.extend({ rope_theta: positive.optional() }).nullish(),
};
interface RotaryFields {
  rope_theta?: number | null | undefined;
  rope_scaling?: z.infer<typeof typed> | null | undefined;
  rope_parameters?: (z.infer<typeof typed> & { rope_theta?: number | undefined }) | null | undefined;
}

/**
 * Rotary positions as transformers' `modeling_rope_utils` computes them: default, linear, dynamic, llama3 and yarn scaling.
 *
 * @param width how many entries of a head turn; even
 * @throws Error naming the field that is missing or not supported
 * @example readRotary(config, { width: headWidth, contextSize: config.max_position_embeddings })
 */
export function readRotary(
  config: RotaryFields,
  { width, contextSize, theta = 10_000 }: { width: number; contextSize: number; theta?: number },
): Rotary {
  if (!Number.isInteger(width) || width < 2 || width % 2 !== 0)
    throw new Error(`config.json: ${width} entries of a head turn, but rotary positions need an even number`);
  const field = config.rope_scaling ? 'rope_scaling' : 'rope_parameters';
  const given = config.rope_scaling ?? config.rope_parameters ?? {};
  const type = given.rope_type ?? given.type ?? 'default';
  if (!known.split(', ').includes(type))
    throw new Error(`config.json: ${field}.rope_type is "${type}"; supported are ${known}`);
  const parsed = scalingSchema.safeParse({ ...given, rope_type: type });
  if (!parsed.success) throw new Error(`config.json: ${field} of type ${type}: ${z.prettifyError(parsed.error)}`);
  const base = config.rope_parameters?.rope_theta ?? config.rope_theta ?? theta;
  const rotary = { kind: 'rotary', width, adjacentPairs: false, attentionFactor: 1 } as const;
  const frequencies = rotaryFrequencies(width, base);
  return { ...rotary, frequencies, ...scaled(parsed.data, frequencies, base, contextSize) };
}

function scaled(scaling: Scaling, frequencies: Float64Array, base: number, contextSize: number): Partial<Rotary> {
  switch (scaling.rope_type) {
    case 'default':
    case 'dynamic':
      return {};
    case 'linear':
      return { frequencies: frequencies.map((frequency) => frequency / scaling.factor) };
    case 'llama3':
      return { frequencies: llama3(scaling, frequencies, scaling.original_max_position_embeddings ?? contextSize) };
    case 'yarn':
      return yarn(scaling, frequencies, base, scaling.original_max_position_embeddings ?? contextSize);
  }
}

/** Llama 3.1's: long waves are stretched by the factor, short ones kept, those between mixed. */
function llama3(
  { factor, low_freq_factor: low, high_freq_factor: high }: Extract<Scaling, { rope_type: 'llama3' }>,
  frequencies: Float64Array,
  context: number,
): Float64Array {
  return frequencies.map((frequency) => {
    const turns = (context * frequency) / (2 * Math.PI); // within the original context
    if (turns < low) return frequency / factor;
    if (turns > high) return frequency;
    const kept = (turns - low) / (high - low);
    return ((1 - kept) * frequency) / factor + kept * frequency;
  });
}

/** YaRN (Peng et al. 2023, arXiv:2309.00071). */
function yarn(
  scaling: Extract<Scaling, { rope_type: 'yarn' }>,
  frequencies: Float64Array,
  base: number,
  context: number,
): Pick<Rotary, 'frequencies' | 'attentionFactor'> {
  const { factor, mscale, mscale_all_dim: mscaleAll, truncate } = scaling;
  const width = frequencies.length * 2;
  const pairThatTurns = (times: number): number =>
    (width * Math.log(context / (times * 2 * Math.PI))) / (2 * Math.log(base));
  const edges = [pairThatTurns(scaling.beta_fast ?? 32), pairThatTurns(scaling.beta_slow ?? 1)] as const;
  const [first, last] = truncate === false ? edges : [Math.floor(edges[0]), Math.ceil(edges[1])];
  const low = Math.max(first, 0);
  const high = Math.min(last, width - 1);
  const span = low === high ? 0.001 : high - low;
  const attention = (scale: number | null | undefined): number =>
    factor <= 1 ? 1 : 0.1 * (scale ?? 1) * Math.log(factor) + 1;
  return {
    frequencies: frequencies.map((frequency, pair) => {
      const stretched = Math.min(1, Math.max(0, (pair - low) / span));
      return (frequency / factor) * stretched + frequency * (1 - stretched);
    }),
    attentionFactor:
      scaling.attention_factor ?? (mscale && mscaleAll ? attention(mscale) / attention(mscaleAll) : attention(1)),
  };
}
