import { layerOf } from '@monosema/catalog';

/** Neuronpedia's short names of hook points, by the end of TransformerLens's name. */
const shortNames: readonly (readonly [ending: RegExp, short: string])[] = [
  [/hook_resid_(pre|mid|post)$/, 'res'],
  [/(hook_mlp_out|mlp\.hook_\w+)$/, 'mlp'],
  [/(hook_attn_out|attn\.hook_\w+)$/, 'att'],
  [/^hook_embed$/, 'embed'],
  [/hook_normalized$/, 'norm'],
];

/**
 * The source id of an SAE set on a hook point: layer, hook and set. A hook before the first layer counts as layer 0.
 *
 * @example sourceIdOf('blocks.2.hook_resid_post', 'tk') // "2-res-tk"
 */
export function sourceIdOf(hookPoint: string, setName: string): string {
  const short = shortNames.find(([ending]) => ending.test(hookPoint))?.[1] ?? 'act';
  return [layerOf(hookPoint) ?? 0, short, setName.trim().toLowerCase()].filter((part) => part !== '').join('-');
}
