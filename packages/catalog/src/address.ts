import { z } from 'zod';

/** A model's name in URLs: `gpt2-small`, `stories-260k`. */
export const modelIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'a model id is lower-case letters, digits, ".", "_" and "-", at most 63');

/**
 * A source's name in URLs, as on Neuronpedia: layer, hook and set, as in `8-res-jb`; `e-…` of the embedding; a layer alone
 * for the neurons of its MLP.
 */
export const sourceIdSchema = z
  .string()
  .regex(/^(\d{1,3}|e)(-[a-z0-9_.]+){0,8}$/, 'a source id is a layer, a hook and a set joined by "-", as in 8-res-jb');

/** The number of a feature within its source. */
export const featureIndexSchema = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1);

export const featureAddressSchema = z.object({
  modelId: modelIdSchema,
  sourceId: sourceIdSchema,
  index: featureIndexSchema,
});

/** Where a feature lives: the only key that people see. */
export type FeatureAddress = z.infer<typeof featureAddressSchema>;

/** Path segments that are pages of the site, and so can never be a model id. */
export const reservedSegments = ['runs', 'search', 'sign-in', 'sign-up', 'claim', 'api', 'about'] as const;

export const modelPath = (modelId: string): string => `/${modelId}`;
export const sourcePath = (modelId: string, sourceId: string): string => `/${modelId}/${sourceId}`;

/**
 * The URL path of a feature.
 *
 * @example featurePath({ modelId: 'gpt2-small', sourceId: '8-res-jb', index: 1234 }) // "/gpt2-small/8-res-jb/1234"
 */
export const featurePath = ({ modelId, sourceId, index }: FeatureAddress): string =>
  `${sourcePath(modelId, sourceId)}/${index}`;

/**
 * Reads `/{model}/{source}/{index}`; null when the path is no feature's.
 *
 * @example parseFeaturePath('/gpt2-small/8-res-jb/1234')?.index // 1234
 */
export function parseFeaturePath(path: string): FeatureAddress | null {
  const [modelId, sourceId, index, ...rest] = path.replace(/^\//, '').split('/');
  if (rest.length > 0 || !/^\d+$/.test(index ?? '')) return null;
  return featureAddressSchema.safeParse({ modelId, sourceId, index }).data ?? null;
}

/** The layer that a source id or hook name speaks of: 8 for `8-res-jb` and `blocks.8.hook_resid_pre`. Null where there is none. */
export function layerOf(name: string): number | null {
  const match = /^(\d+)-/.exec(name) ?? /\.(\d+)\./.exec(name);
  return match ? Number(match[1]) : null;
}
