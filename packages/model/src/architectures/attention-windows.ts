import { z } from 'zod';

const kinds = ['full_attention', 'sliding_attention'] as const;

/** Fields of config.json on sliding windows, as Mistral, Qwen and Gemma 2 write them. */
export const windowFields = {
  sliding_window: z.number().int().positive().nullish(),
  /** Written by transformers 5; what older files mean without it is up to the family. */
  layer_types: z.array(z.enum(kinds)).nullish(),
};

/**
 * How many positions each layer sees, its own among them, as transformers' sliding-window mask; null: all.
 *
 * @param slides whether a layer has the window, where config.json does not say so itself
 * @throws Error when `layer_types` does not fit the model
 * @example windowsOf({ sliding_window: 4096 }, 26, (layer) => layer % 2 === 0) // [4096, null, 4096, …]
 */
export function windowsOf(
  config: z.infer<z.ZodObject<typeof windowFields>>,
  layers: number,
  slides: (layer: number) => boolean,
): (number | null)[] {
  const { sliding_window: window, layer_types: types } = config;
  if (types && types.length !== layers)
    throw new Error(`config.json: layer_types has ${types.length} entries, but there are ${layers} layers`);
  if (window == null && types?.includes('sliding_attention'))
    throw new Error('config.json: layer_types has "sliding_attention", but sliding_window says of no window');
  return Array.from({ length: layers }, (_, layer) => {
    const sliding = types ? types[layer] === 'sliding_attention' : slides(layer);
    return sliding ? (window ?? null) : null;
  });
}
