import type { SaeFolder } from './folder.ts';
import type { SaidOfInput } from './layout.ts';

/** What the names of Gemma Scope's repositories and folders say; null where they don't. */
export interface GemmaScopeNames {
  /** As Google calls the model. */
  modelId: string | null;
  /** What the repository is of: residual stream, MLP, attention or transcoders. */
  kind: 'res' | 'mlp' | 'att' | 'transcoders' | null;
  layer: number | null;
  /** Of the embedding, before any layer. */
  embedding: boolean;
}

/**
 * Reads `google/gemma-scope-2b-pt-res/layer_20/width_16k/average_l0_71`, of which a local copy may have kept a part.
 * @example gemmaScopeNames(folder).layer // 20
 */
export function gemmaScopeNames({ name }: Pick<SaeFolder, 'name'>): GemmaScopeNames {
  const path = name.replaceAll('\\', '/');
  const repository = /gemma-scope-(2b|9b|27b)-(pt|it)(?:-(res|mlp|att|transcoders))?(?![a-z])/.exec(path);
  const [, size, tuning, kind] = repository ?? [];
  const layer = /(?:^|\/)layer_(\d+)(?:\/|$)/.exec(path)?.[1];
  return {
    modelId: size === undefined ? null : `google/gemma-2-${size}${tuning === 'it' ? '-it' : ''}`,
    kind: (kind as GemmaScopeNames['kind'] | undefined) ?? null,
    layer: layer === undefined ? null : Number(layer),
    embedding: /(?:^|\/)embedding(?:\/|$)/.test(path),
  };
}

/** The data and contexts that all of Gemma Scope was trained on (Lieberum et al. 2024). */
export const gemmaScopeInput: SaidOfInput = {
  contextSize: 1024,
  prependBos: true,
  dataSetId: 'monology/pile-uncopyrighted',
};
