import type { NamedArray } from '@monosema/formats';
import type { TransformerConfig } from '../../transformer/config.ts';
import { weightShapes } from '../../transformer/weight-shapes.ts';
import type { WeightSource } from '../architecture.ts';

/** The names are the same; TransformerLens keeps heads in an axis of their own, [heads, d_model, head_width]. */
export function weightSources(config: TransformerConfig): Record<string, WeightSource> {
  const { heads, keyValueHeads, headWidth, dModel } = config;
  const isGrouped = keyValueHeads !== heads;
  return Object.fromEntries(
    Object.entries(weightShapes(config)).map(([name, shape]): [string, WeightSource] => {
      const part = /attn\.[Wb]_([QKVO])$/.exec(name)?.[1];
      const count = part === 'K' || part === 'V' ? keyValueHeads : heads;
      const tensor = isGrouped && (part === 'K' || part === 'V') ? name.replace(/([Wb]_[KV])$/, '_$1') : name;
      if (/attn\.W_[QKV]$/.test(name)) return [name, { tensor, shape: [count, dModel, headWidth], permute: [1, 0, 2] }];
      if (/attn\.W_O$/.test(name)) return [name, { tensor, shape: [count, headWidth, dModel] }];
      if (/attn\.b_[QKV]$/.test(name)) return [name, { tensor, shape: [count, headWidth] }];
      return [name, { tensor, shape }];
    }),
  );
}

/** Buffers that follow from the config. */
export const isSpareTensor = (name: string): boolean =>
  /^blocks\.\d+\.attn\.(mask|IGNORE|rotary_sin|rotary_cos)$/.test(name);

/** A mask of one's own would make another model of it. @throws Error unless it is the causal one, in the layer's window */
export function checkSpareTensor(name: string, { data, shape }: NamedArray, config: TransformerConfig): void {
  const layer = /^blocks\.(\d+)\.attn\.mask$/.exec(name)?.[1];
  if (layer === undefined) return;
  const window = config.attention.windows[Number(layer)] ?? Infinity;
  const length = shape.at(-1)!;
  const differs = Array.from(data).some((sees, i) => {
    const back = Math.floor(i / length) - (i % length);
    return (sees !== 0) !== (back >= 0 && back < window);
  });
  if (differs) throw new Error(`tensor "${name}" is not the causal mask, which is the only one that is supported`);
}
