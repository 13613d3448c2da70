import { z } from 'zod';
import type { TransformerConfig } from '../../transformer/config.ts';
import { windowFields, windowsOf } from '../attention-windows.ts';
import { baseFields } from '../config-fields.ts';
import { rotaryFields } from '../rotary-config.ts';

/** Fields that Qwen2 and Qwen3 share. */
export const qwenFields = {
  ...baseFields,
  ...rotaryFields,
  ...windowFields,
  use_sliding_window: z.boolean().default(false),
  max_window_layers: z.number().int().min(0).default(28),
  rms_norm_eps: z.number().positive().default(1e-6),
  hidden_act: z.literal('silu').default('silu'),
};

/** Released files name a window that `use_sliding_window` turns off; where it is on, the first layers do without it. */
export function qwenWindows(
  config: z.infer<z.ZodObject<typeof qwenFields>>,
  layers: number,
): TransformerConfig['attention']['windows'] {
  const window = config.use_sliding_window ? config.sliding_window : null;
  return windowsOf({ ...config, sliding_window: window }, layers, (layer) => layer >= config.max_window_layers);
}
