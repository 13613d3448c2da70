import { parse } from 'yaml';
import { z } from 'zod';
import type { PublishedSae, SaeRelease } from '../src/published-sae.ts';

const sae = z.strictObject({
  id: z.string().min(1),
  /** A layer's number where the files carry it in their names. */
  path: z.union([z.string().min(1), z.number().int()]).transform(String),
  l0: z.number().min(0).optional(),
  variance_explained: z.number().max(1).optional(),
  neuronpedia: z.string().optional(),
  norm_scaling_factor: z.number().positive().optional(),
});
const head = {
  repo_id: z.string(),
  model: z.string(),
  conversion_func: z.string().nullish(),
  links: z.record(z.string(), z.url()).optional(),
};
/** An SAE into which its release was pasted once more: gpt2-small-res_scefr-ajt. */
const saeWithRelease = z.strictObject({ ...sae.shape, ...head, saes: z.array(sae) });
const release = z.strictObject({
  ...head,
  config_overrides: z.record(z.string(), z.unknown()).optional(),
  saes: z.array(z.union([sae, saeWithRelease])),
});
type YamlRelease = z.infer<typeof release>;
type YamlSae = z.infer<typeof sae>;

/**
 * The releases of SAELens's pretrained_saes.yaml. Strict: a field that is not known here is an error, so that nothing of a
 * later version is lost unseen. What the file leaves out is null, where SAELens says l0 0 and explained variance 1; so is
 * a Neuronpedia id of another layer than the path's, which is told to `report`.
 *
 * @throws Error naming the release and the field
 */
export function readSaelensYaml(text: string, report: (line: string) => void = () => undefined): SaeRelease[] {
  const file = z.record(z.string(), z.unknown()).parse(parse(text, { merge: true, maxAliasCount: -1 }));
  return Object.entries(file).map(([name, value]) => {
    const parsed = release.safeParse(value);
    if (!parsed.success) throw new Error(`release ${name}: ${z.prettifyError(parsed.error)}`);
    const { repo_id, model, conversion_func, config_overrides, links } = parsed.data;
    return {
      ...{ release: name, repository: repo_id, model, loader: conversion_func ?? 'sae_lens' },
      ...{ overrides: config_overrides ?? {}, links: links ?? {} },
      saes: flatSaes(name, parsed.data).map((entry) => publishedSae(entry, (line) => report(`${name}: ${line}`))),
    };
  });
}

/** All SAEs of a release; what is listed twice has to be the same both times, and is listed once. */
function flatSaes(name: string, outer: YamlRelease): YamlSae[] {
  const found = new Map<string, YamlSae>();
  for (const entry of outer.saes.flatMap((listed) => unnest(name, outer, listed))) {
    const before = found.get(entry.id);
    if (before && JSON.stringify(sae.parse(before)) !== JSON.stringify(sae.parse(entry)))
      throw new Error(`release ${name}: SAE ${entry.id} is listed twice, and differently`);
    found.set(entry.id, entry);
  }
  return [...found.values()];
}

function unnest(name: string, outer: YamlRelease, listed: YamlRelease['saes'][number]): YamlSae[] {
  if (!('saes' in listed)) return [listed];
  const { saes, repo_id, model, conversion_func, links: _, ...own } = listed;
  if (
    repo_id !== outer.repo_id ||
    model !== outer.model ||
    (conversion_func ?? null) !== (outer.conversion_func ?? null)
  )
    throw new Error(`release ${name}: SAE ${own.id} holds another release`);
  return [own, ...saes];
}

function publishedSae(entry: YamlSae, report: (line: string) => void): PublishedSae {
  const wrong = isOfAnotherLayer(entry);
  if (wrong) report(`${entry.path} is not ${entry.neuronpedia}, which is of another layer`);
  return {
    ...{ saeId: entry.id, path: entry.path, l0: entry.l0 ?? null, explainedVariance: entry.variance_explained ?? null },
    ...{ neuronpediaId: (wrong ? null : entry.neuronpedia) ?? null, inputScale: entry.norm_scaling_factor ?? null },
  };
}

/** layer_2/width_16k/average_l0_8 of gemma-scope-9b-pt-res is listed as gemma-2-9b/20-gemmascope-res-131k__l0-10. */
function isOfAnotherLayer({ path, neuronpedia }: YamlSae): boolean {
  const [layer, shown] = [/(?:^|\/)layer_(\d+)(?:\/|$)/.exec(path)?.[1], /\/(\d+)-/.exec(neuronpedia ?? '')?.[1]];
  return layer !== undefined && shown !== undefined && layer !== shown;
}
