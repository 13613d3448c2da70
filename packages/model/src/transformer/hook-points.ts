import type { TransformerConfig } from './config.ts';

/** A place in the model whose value can be read and replaced. */
export interface HookPoint {
  /** TransformerLens name. */
  readonly name: string;
  readonly layer: number | null;
  /**
   * Numbers per token; hook points of heads count all of them, [heads, head_width] in row-major order. null: a number per
   * pair of tokens, [batch, heads, queries, keys].
   */
  readonly width: number | null;
}

/** A hook point that holds a vector per token. */
export type VectorHookPoint = HookPoint & { readonly width: number };

/** Whether an SAE can be trained here: a vector per token that no other hook point has already. */
export const isForSaes = (point: HookPoint): point is VectorHookPoint =>
  point.width !== null && !/\.hook_(scale|attn_in|[qkv]_input|mlp_in|result)$/.test(point.name);

/** Every hook point that `forward` passes, in its order. */
export function hookPointsOf(config: TransformerConfig): HookPoint[] {
  const { layers, dModel, positions } = config;
  const block = blockPoints(config);
  const blocks = Array.from({ length: layers }, (_, layer) =>
    block.map(([name, width]) => ({ name: `blocks.${layer}.${name}`, layer, width })),
  );
  const global = (points: Point[]): HookPoint[] => points.map(([name, width]) => ({ name, layer: null, width }));
  return [
    ...global([['hook_embed', dModel]]),
    ...global(positions.kind === 'learned' ? [['hook_pos_embed', dModel]] : []),
    ...blocks.flat(),
    ...global(config.finalNorm ? norm(config, 'ln_final', dModel) : []),
  ];
}

type Point = [name: string, width: number | null];

const norm = ({ norm }: TransformerConfig, name: string, width: number, scales = 1): Point[] =>
  norm === 'none'
    ? []
    : [
        [`${name}.hook_scale`, scales],
        [`${name}.hook_normalized`, width],
      ];

function blockPoints(config: TransformerConfig): Point[] {
  const { dModel, heads, keyValueHeads, headWidth, mlp, parallel, postNorms } = config;
  const [queries, keys] = [heads * headWidth, keyValueHeads * headWidth];
  const { queryKeyNorm } = config.attention;
  return [
    ['hook_resid_pre', dModel],
    ...(heads === keyValueHeads ? [['hook_attn_in', heads * dModel] satisfies Point] : []),
    ['hook_q_input', heads * dModel],
    ['hook_k_input', keyValueHeads * dModel],
    ['hook_v_input', keyValueHeads * dModel],
    ...norm(config, 'ln1', dModel),
    ['attn.hook_q', queries],
    ['attn.hook_k', keys],
    ['attn.hook_v', keys],
    ...(queryKeyNorm ? norm(config, 'attn.q_norm', queries, heads) : []),
    ...(queryKeyNorm ? norm(config, 'attn.k_norm', keys, keyValueHeads) : []),
    ...(config.positions.kind === 'rotary'
      ? ([
          ['attn.hook_rot_q', queries],
          ['attn.hook_rot_k', keys],
        ] satisfies Point[])
      : []),
    ['attn.hook_attn_scores', null],
    ['attn.hook_pattern', null],
    ['attn.hook_z', queries],
    ['attn.hook_result', heads * dModel],
    ...(postNorms ? norm(config, 'ln1_post', dModel) : []),
    ['hook_attn_out', dModel],
    ...(mlp && !parallel ? [['hook_resid_mid', dModel] satisfies Point] : []),
    ...(mlp ? mlpPoints(config, mlp.gated) : []),
    ['hook_resid_post', dModel],
  ];
}

function mlpPoints(config: TransformerConfig, gated: boolean): Point[] {
  const { dModel, dMlp, postNorms } = config;
  return [
    ['hook_mlp_in', dModel],
    ...norm(config, 'ln2', dModel),
    ['mlp.hook_in', dModel],
    ['mlp.hook_pre', dMlp],
    ...(gated ? [['mlp.hook_pre_linear', dMlp] satisfies Point] : []),
    ['mlp.hook_post', dMlp],
    ...(postNorms ? norm(config, 'ln2_post', dModel) : []),
    ['hook_mlp_out', dModel],
  ];
}
