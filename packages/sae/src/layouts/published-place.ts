import type { RegistryEntry } from '@monosema/sae-registry';
import { z } from 'zod';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import { normalisations } from '../config/sae-config.ts';
import type { LayoutHints, LayoutName } from './layout.ts';

/** Where a published SAE is on the hub, how it is laid out, and what is known of it beside its files. */
export interface PublishedPlace {
  /** "owner/name" */
  repository: string;
  /** Its folder or file in the repository. */
  path: string;
  layout: LayoutName;
  hints: LayoutHints;
}

/** Layouts by the name that SAELens gives their loaders. */
const layoutOfLoader: Readonly<Record<string, LayoutName>> = {
  sae_lens: 'saelens',
  connor_rob_hook_z: 'connor-rob',
  gemma_2: 'gemma-scope',
  gemma_2_transcoder: 'gemma-transcoder',
  gemma_3: 'gemma-scope-2',
  llama_scope: 'llama-scope',
  llama_scope_r1_distill: 'llama-scope-r1',
  dictionary_learning_1: 'dictionary-learning',
  deepseek_r1: 'deepseek-r1',
  goodfire: 'goodfire',
  qwen_scope: 'qwen-scope',
  sparsify: 'sparsify',
  mwhanna_transcoder: 'mwhanna',
  mntss_clt_layer_transcoder: 'clt',
  temporal: 'temporal',
};

/** SAELens's config_overrides, as far as its list has any. */
const overridesSchema = z.strictObject({
  model_name: z.string().optional(),
  hook_name: z.string().optional(),
  dataset_path: z.string().optional(),
  normalize_activations: z.enum(normalisations).optional(),
  model_from_pretrained_kwargs: z.strictObject({ center_writing_weights: z.boolean() }).optional(),
});

/**
 * Where an entry of the registry is to be read from, and what its release corrects: config_overrides, the scale of inputs,
 * Neuronpedia's id.
 *
 * @throws SaeFormatError for a layout or an override that is not known
 * @example publishedPlace(findSae('gpt2-small-res-jb', 'blocks.8.hook_resid_pre')).hints.corrections?.centred // true
 */
export function publishedPlace({ release, sae }: RegistryEntry): PublishedPlace {
  const layout = Object.hasOwn(layoutOfLoader, release.loader) ? layoutOfLoader[release.loader] : undefined;
  if (!layout) throw new SaeFormatError(`release ${release.release} is in layout ${release.loader}, which is not read`);
  return { repository: release.repository, path: pathOf(layout, sae.path), layout, hints: hintsOf({ release, sae }) };
}

/** A layer of a cross-layer transcoder is listed by its number. */
const pathOf = (layout: LayoutName, path: string): string => (layout === 'clt' ? `W_enc_${path}.safetensors` : path);

function hintsOf({ release, sae }: RegistryEntry): LayoutHints {
  const parsed = overridesSchema.safeParse(release.overrides);
  if (!parsed.success)
    throw new SaeFormatError(`release ${release.release}: config_overrides: ${z.prettifyError(parsed.error)}`);
  const { model_name, hook_name, dataset_path, normalize_activations, model_from_pretrained_kwargs } = parsed.data;
  const centred = model_from_pretrained_kwargs?.center_writing_weights;
  // gpt2-small/8-res-jb -> 8-res-jb
  const sourceId = sae.neuronpediaId?.split('/').slice(1).join('/');
  return {
    ...(sae.inputScale !== null && { inputScaleIfOpen: sae.inputScale }),
    corrections: {
      ...(model_name !== undefined && { modelId: model_name }),
      ...(hook_name !== undefined && { hookPoint: hook_name }),
      ...(dataset_path !== undefined && { dataSetId: dataset_path }),
      ...(normalize_activations !== undefined && { normalisation: normalize_activations }),
      ...(centred !== undefined && { centred }),
      ...(sourceId !== undefined && { sourceId }),
    },
  };
}
