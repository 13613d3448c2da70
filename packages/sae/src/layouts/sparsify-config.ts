import { z } from 'zod';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { LoadNotes } from '../checkpoint/load-note.ts';
import type { SaeFolder } from './folder.ts';
import { readJson, readJsonIfThere } from './json-file.ts';
import type { SaidOfInput } from './layout.ts';

export const sparsifyConfigFile = 'cfg.json';

const count = z.number().int();
const configSchema = z.looseObject({
  d_in: count.positive(),
  /** 0: `expansion_factor` says it. */
  num_latents: count.min(0).nullish(),
  expansion_factor: count.positive().nullish(),
  k: count.positive(),
  /** Before version 1.1: the largest magnitudes are kept, with their sign. */
  signed: z.boolean().default(false),
  activation: z.literal('topk', { error: 'is not topk, which alone is read' }).default('topk'),
  transcode: z.boolean().default(false),
  skip_connection: z.boolean().default(false),
});
export type SparsifyConfig = z.infer<typeof configSchema> & { dSae: number };

/** cfg.json of one SAE. @throws SaeFormatError naming the field */
export async function readSparsifyConfig(folder: SaeFolder): Promise<SparsifyConfig> {
  const parsed = configSchema.safeParse(await readJson(folder, sparsifyConfigFile));
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new SaeFormatError(`${sparsifyConfigFile}: ${issues.join('; ')}`);
  }
  const { signed, transcode, skip_connection: skips } = parsed.data;
  if (signed && (transcode || skips))
    throw new SaeFormatError(`${sparsifyConfigFile}: signed: is true of a transcoder, which is not read`);
  const { num_latents: latents, expansion_factor: factor, d_in: dIn } = parsed.data;
  const dSae = latents || (factor ?? 0) * dIn;
  if (dSae === 0) throw new SaeFormatError(`${sparsifyConfigFile}: num_latents and expansion_factor are missing`);
  return { ...parsed.data, dSae };
}

/** What the run's config.json, one folder up, and the folder's name say: the name is the module that it was trained on. */
export async function sparsifyInput(folder: SaeFolder, transcode: boolean, notes: LoadNotes): Promise<SaidOfInput> {
  const parts = folder.path.split('/').filter((part) => part !== '' && !/^seed_?\d+$/.test(part));
  const above = await folder.parent();
  const run = above && (await readJsonIfThere(above, 'config.json').catch(() => null));
  const text = (name: string): string | null => (typeof run?.[name] === 'string' ? (run[name] as string) : null);
  return {
    ...hookPointsOf(parts.at(-1) ?? '', transcode, notes),
    modelId: text('model'),
    dataSetId: text('dataset'),
    contextSize: typeof run?.['ctx_len'] === 'number' ? run['ctx_len'] : null,
  };
}

/** The value that a module of a block gives, and the one that it takes. */
const modules: readonly { name: RegExp; output: string; input: string | null }[] = [
  { name: /^$/, output: 'hook_resid_post', input: 'hook_resid_pre' },
  { name: /^(mlp|feed_forward)$/, output: 'hook_mlp_out', input: 'mlp.hook_in' },
  { name: /^(self_attn|attention|attn|self_attention)$/, output: 'hook_attn_out', input: null },
];

/** `layers.5.mlp` -> blocks.5.hook_mlp_out; a transcoder reads the module's input and predicts its output. */
function hookPointsOf(
  name: string,
  transcode: boolean,
  notes: LoadNotes,
): Pick<SaidOfInput, 'hookPoint' | 'hookPointOut'> {
  if (/(^|\.)(embed_tokens|embed_in|wte)$/.test(name) && !transcode) return { hookPoint: 'hook_embed' };
  const match = /(?:^|\.)(?:layers|h|blocks)[._](\d+)(?:\.(.*))?$/.exec(name);
  const found = match && modules.find((module) => module.name.test(match[2] ?? ''));
  if (!found) return {};
  const block = `blocks.${match[1]}`;
  const [output, input] = [`${block}.${found.output}`, found.input === null ? null : `${block}.${found.input}`];
  notes.add('renamed', 'hook_name', `module ${name} is read as ${transcode ? `${input ?? '?'} to ${output}` : output}`);
  return transcode ? { hookPoint: input, hookPointOut: output } : { hookPoint: output };
}
