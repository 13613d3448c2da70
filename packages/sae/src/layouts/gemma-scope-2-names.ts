import type { LoadNotes } from '../checkpoint/load-note.ts';
import type { SaidOfInput } from './layout.ts';

type HookPoints = Required<Pick<SaidOfInput, 'hookPoint' | 'hookPointOut'>>;
const nowhere: HookPoints = { hookPoint: null, hookPointOut: null };

/** Gemma 3 as transformers names its modules, and what the same value is called here. */
const modules: Readonly<Record<string, string>> = {
  output: 'hook_resid_post',
  'self_attn.o_proj.input': 'attn.hook_z',
  'pre_feedforward_layernorm.output': 'mlp.hook_in',
  'post_feedforward_layernorm.output': 'hook_mlp_out',
};
const inputOfMlp = { in: 'mlp.hook_in', out: 'hook_mlp_out' };
/** The folders of the release, by what they are of. */
const kinds: readonly { in: string; out?: string; pattern: RegExp }[] = [
  { in: 'hook_resid_post', pattern: /resid_post/ },
  { in: 'attn.hook_z', pattern: /attn_out/ },
  { in: 'hook_mlp_out', pattern: /mlp_out/ },
  { ...inputOfMlp, pattern: /transcoder|clt/ },
];

/**
 * The hook points that a path such as `transcoder_all/layer_4_width_16k_l0_small` names, or else those of config.json.
 * SAELens calls a transcoder's input `hook_mlp_in`, which is the residual stream before the norm; by its config.json it is
 * the norm's output, `mlp.hook_in`.
 */
export function hookPointsOf(path: string, config: Record<string, unknown> | null, notes: LoadNotes): HookPoints {
  const said = {
    hookPoint: fromModule(config?.['hf_hook_point_in']),
    hookPointOut: fromModule(config?.['hf_hook_point_out']),
  };
  const layer = /(?:^|\/)(?:params_)?layer_(\d+)(?=[_/.]|$)/.exec(path)?.[1];
  const kind = kinds.find(({ pattern }) => pattern.test(path));
  const named: HookPoints =
    layer === undefined || kind === undefined
      ? nowhere
      : {
          hookPoint: `blocks.${layer}.${kind.in}`,
          hookPointOut: kind.out === undefined ? null : `blocks.${layer}.${kind.out}`,
        };
  if (named.hookPoint === null) return said;
  if (said.hookPoint !== null && said.hookPoint !== named.hookPoint)
    notes.add('ignored', 'hf_hook_point_in', `config.json says ${said.hookPoint}, the path ${named.hookPoint}`);
  return named;
}

/** model.layers.4.self_attn.o_proj.input -> blocks.4.attn.hook_z; null for what is not known. */
function fromModule(name: unknown): string | null {
  const match = typeof name === 'string' ? /(?:^|\.)layers\.(\d+)\.(.+)$/.exec(name) : null;
  const hook = match && modules[match[2]!];
  return hook ? `blocks.${match[1]}.${hook}` : null;
}

/** The model of config.json, which writes gemma-v3, or of the repository's name. */
export function modelOf(name: string, config: Record<string, unknown> | null): string | null {
  const said = config?.['model_name'];
  const repository = /gemma-scope-2-(?:270m|1b|4b|12b|27b)-(?:pt|it)/.exec(name)?.[0];
  const model = typeof said === 'string' ? said : repository?.replace('gemma-scope-2', 'gemma-3');
  if (model === undefined) return null;
  const official = model.replace('-v3', '-3').replace(/^(?!.*\/)/, 'google/');
  // The smallest one has no suffix on the hub.
  return official.includes('270m') ? official.replace('-pt', '') : official;
}
