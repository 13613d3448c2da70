import { z } from 'zod';
import type { PublishedSae, SaeRelease } from './published-sae.ts';
import { readSharedPrefixes, writeSharedPrefixes } from './shared-prefixes.ts';

const names = z.array(z.string());
/** One number per SAE; absent where no SAE of the release has one. */
const numbers = z.array(z.number().nullable()).optional();

/** A release as data/registry.json has it: columns instead of objects, names by what they share. */
const packedRelease = z.strictObject({
  release: z.string().min(1),
  repository: z.string().regex(/^[^/\s]+\/[^/\s]+$/, { error: 'is no owner/name' }),
  model: z.string().min(1),
  loader: z.string().min(1),
  overrides: z.record(z.string(), z.unknown()).optional(),
  links: z.record(z.string(), z.url()).optional(),
  ids: names,
  /** What is before and after the id in every path, or the paths. */
  paths: z.union([z.strictObject({ before: z.string(), after: z.string() }), names]),
  l0: numbers,
  explainedVariance: numbers,
  inputScale: numbers,
  /** "" where there is none. */
  neuronpedia: names.optional(),
});
type PackedRelease = z.infer<typeof packedRelease>;

export const registryFileSchema = z.strictObject({
  source: z.strictObject({ from: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  releases: z.array(packedRelease),
});
/** The text of data/registry.json, and what it was made from. */
export type RegistryFile = z.infer<typeof registryFileSchema>;

/** The columns of a release. */
export function packRelease(release: SaeRelease): PackedRelease {
  const { saes } = release;
  const ids = saes.map(({ saeId }) => saeId);
  const neuronpedia = saes.map(({ neuronpediaId }) => neuronpediaId ?? '');
  return {
    ...{ release: release.release, repository: release.repository, model: release.model, loader: release.loader },
    ...(Object.keys(release.overrides).length > 0 && { overrides: release.overrides }),
    ...(Object.keys(release.links).length > 0 && { links: release.links }),
    ids: writeSharedPrefixes(ids),
    paths: packPaths(saes),
    ...packNumbers('l0', saes),
    ...packNumbers('explainedVariance', saes),
    ...packNumbers('inputScale', saes),
    ...(neuronpedia.some(Boolean) && { neuronpedia: writeSharedPrefixes(neuronpedia) }),
  };
}

function packPaths(saes: readonly PublishedSae[]): PackedRelease['paths'] {
  const [first] = saes;
  if (first) {
    const [before = '', after] = first.path.split(first.saeId);
    if (after !== undefined && saes.every(({ saeId, path }) => path === before + saeId + after))
      return { before, after };
  }
  return writeSharedPrefixes(saes.map(({ path }) => path));
}

type NumberColumn = 'l0' | 'explainedVariance' | 'inputScale';
function packNumbers(name: NumberColumn, saes: readonly PublishedSae[]): Partial<Pick<PackedRelease, NumberColumn>> {
  const column = saes.map((sae) => sae[name]);
  return column.some((value) => value !== null) ? { [name]: column } : {};
}

/** The release of these columns. @throws Error where a column is of another length than the ids */
export function unpackRelease(packed: PackedRelease): SaeRelease {
  const ids = readSharedPrefixes(packed.ids);
  const paths = Array.isArray(packed.paths) ? readSharedPrefixes(packed.paths) : undefined;
  const around = Array.isArray(packed.paths) ? undefined : packed.paths;
  const neuronpedia = packed.neuronpedia && readSharedPrefixes(packed.neuronpedia);
  const { l0, explainedVariance, inputScale } = packed;
  for (const [name, column] of Object.entries({ paths, neuronpedia, l0, explainedVariance, inputScale }))
    if (column && column.length !== ids.length)
      throw new Error(`release ${packed.release}: ${column.length} ${name} for ${ids.length} SAEs`);
  return {
    ...{ release: packed.release, repository: packed.repository, model: packed.model, loader: packed.loader },
    ...{ overrides: packed.overrides ?? {}, links: packed.links ?? {} },
    saes: ids.map((saeId, at) => ({
      saeId,
      path: paths ? paths[at]! : `${around!.before}${saeId}${around!.after}`,
      l0: l0?.[at] ?? null,
      explainedVariance: explainedVariance?.[at] ?? null,
      neuronpediaId: neuronpedia?.[at] || null,
      inputScale: inputScale?.[at] ?? null,
    })),
  };
}
