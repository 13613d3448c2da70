import type { HookPoint } from '../architecture.ts';
import type { LlamaConfig } from './config.ts';

/** The hook points that `forward` passes, in its order. */
export function llamaHookPoints({ layers, dModel, dMlp, heads, keyValueHeads, headWidth }: LlamaConfig): HookPoint[] {
  const block: [string, number][] = [
    ['hook_resid_pre', dModel],
    ['ln1.hook_normalized', dModel],
    ['attn.hook_q', heads * headWidth],
    ['attn.hook_k', keyValueHeads * headWidth],
    ['attn.hook_v', keyValueHeads * headWidth],
    ['attn.hook_rot_q', heads * headWidth],
    ['attn.hook_rot_k', keyValueHeads * headWidth],
    ['attn.hook_z', heads * headWidth],
    ['hook_attn_out', dModel],
    ['hook_resid_mid', dModel],
    ['ln2.hook_normalized', dModel],
    ['mlp.hook_pre', dMlp],
    ['mlp.hook_pre_linear', dMlp],
    ['mlp.hook_post', dMlp],
    ['hook_mlp_out', dModel],
    ['hook_resid_post', dModel],
  ];
  const blocks = Array.from({ length: layers }, (_, layer) =>
    block.map(([name, width]) => ({ name: `blocks.${layer}.${name}`, layer, width })),
  );
  return [
    { name: 'hook_embed', layer: null, width: dModel },
    ...blocks.flat(),
    { name: 'ln_final.hook_normalized', layer: null, width: dModel },
  ];
}
