import { listReleases, type RegistryEntry } from '@monosema/sae-registry';
import { expect, test } from 'vitest';
import { LoadNotes } from '../checkpoint/load-note.ts';
import { hookPointsOf, modelOf } from './gemma-scope-2-names.ts';
import { gemmaScopeNames } from './gemma-scope-names.ts';
import { hookPointOf } from './gemma-scope.ts';
import { publishedPlace } from './published-place.ts';

// The names of every published SAE, against what the registry says of the same SAE in other words.

const entriesOf = (loader: string): RegistryEntry[] =>
  listReleases()
    .filter((release) => release.loader === loader)
    .flatMap((release) => release.saes.map((sae) => ({ release, sae })));
const nameOf = (entry: RegistryEntry): string => `${entry.release.repository}/${publishedPlace(entry).path}`;
const last = (model: string): string => model.split('/').at(-1)!;
/** gemma-2-2b/20-gemmascope-res-16k -> 20 */
const layerOf = ({ sae }: RegistryEntry): string | undefined => /\/(\d+)-/.exec(sae.neuronpediaId ?? '')?.[1];

/** Those of which it does not hold; thousands of `expect` would take seconds. */
const except = (entries: readonly RegistryEntry[], holds: (entry: RegistryEntry, name: string) => boolean): string[] =>
  entries.filter((entry) => !holds(entry, nameOf(entry))).map(nameOf);

test("Gemma Scope's names give the model of their release, and the layer and kind that Neuronpedia shows", () => {
  const entries = entriesOf('gemma_2');
  expect(entries).toHaveLength(2833);
  // One release calls the instruction-tuned model by the name of the other; SAELens's loader and Neuronpedia don't.
  const modelWanted = ({ release }: RegistryEntry): string =>
    release.repository.includes('-it-') ? release.model.replace(/(-it)?$/, '-it') : release.model;
  expect(
    except(entries, (entry, name) => last(gemmaScopeNames({ name }).modelId ?? '') === modelWanted(entry)),
  ).toEqual([]);
  const known = /^(hook_embed|blocks\.\d+\.(hook_resid_post|hook_mlp_out|attn\.hook_z))$/;
  expect(except(entries, (_, name) => known.test(hookPointOf(gemmaScopeNames({ name })) ?? ''))).toEqual([]);
  const shown = entries.filter((entry) => layerOf(entry) !== undefined);
  expect(shown.length).toBeGreaterThan(300);
  const kinds: Readonly<Record<string, string>> = { res: 'hook_resid_post', mlp: 'hook_mlp_out', att: 'attn.hook_z' };
  const wrong = except(shown, (entry, name) => {
    const kind = /gemmascope-(res|mlp|att)/.exec(entry.sae.neuronpediaId!)?.[1] ?? '';
    return hookPointOf(gemmaScopeNames({ name })) === `blocks.${layerOf(entry)}.${kinds[kind]}`;
  });
  expect(wrong).toEqual([]);
});

test("Gemma Scope 2's names give the model of their release, and the layer that Neuronpedia shows", () => {
  const entries = entriesOf('gemma_3');
  expect(entries).toHaveLength(8784);
  const hookPoints = (name: string) => hookPointsOf(name, null, new LoadNotes());
  const known = /^blocks\.\d+\.(hook_resid_post|hook_mlp_out|attn\.hook_z|mlp\.hook_in)$/;
  expect(except(entries, (entry, name) => modelOf(name, null) === entry.release.model)).toEqual([]);
  expect(except(entries, (_, name) => known.test(hookPoints(name).hookPoint ?? ''))).toEqual([]);
  const isTranscoder = (name: string): boolean => hookPoints(name).hookPointOut !== null;
  expect(except(entries, (_, name) => isTranscoder(name) === name.includes('transcoder'))).toEqual([]);
  const shown = entries.filter((entry) => layerOf(entry) !== undefined);
  expect(shown.length).toBeGreaterThan(100);
  expect(except(shown, (entry, name) => hookPoints(name).hookPoint!.startsWith(`blocks.${layerOf(entry)}.`))).toEqual(
    [],
  );
});

test("Gemma's transcoders and Qwen Scope are named as they are published", () => {
  const wrongTranscoders = except(entriesOf('gemma_2_transcoder'), (entry, name) => {
    const { kind, layer } = gemmaScopeNames({ name });
    return kind === 'transcoders' && String(layer) === layerOf(entry);
  });
  expect(wrongTranscoders).toEqual([]);
  const wrongQwen = except(entriesOf('qwen_scope'), ({ release, sae }, name) => {
    const [, model, k] = /SAE-Res-(.+?)-W\d+K-L0_(\d+)/.exec(name) ?? [];
    return `Qwen/${model}` === release.model && Number(k) === sae.l0 && /\/layer\d+\.sae\.pt$/.test(name);
  });
  expect(wrongQwen).toEqual([]);
});
