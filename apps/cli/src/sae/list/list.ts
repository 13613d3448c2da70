import { findRelease, hasRelease, listReleases, type PublishedSae, type SaeRelease } from '@monosema/sae-registry';
import { UsageError } from '../../exit.ts';
import { table } from '../../table.ts';
import { writeJson } from '../../terminal.ts';
import type { ListOptions } from './command.ts';

/** `monosema sae list`. */
export function list(name: string | undefined, { json }: ListOptions): void {
  if (name !== undefined && hasRelease(name)) {
    const { saes } = findRelease(name);
    if (json) writeJson(saes);
    else process.stdout.write(table([['SAE', 'L0', 'explained variance', 'Neuronpedia'], ...saes.map(saeRow)]));
    return;
  }
  const word = name?.toLowerCase() ?? '';
  const found = listReleases().filter(({ release, model, repository }) =>
    [release, model, repository].some((text) => text.toLowerCase().includes(word)),
  );
  if (found.length === 0) throw new UsageError('<name>', `no release, model or repository has "${name}" in its name`);
  if (json) writeJson(found.map(({ saes, ...release }) => ({ ...release, saes: saes.length })));
  else process.stdout.write(table([['release', 'model', 'SAEs', 'repository'], ...found.map(releaseRow)]));
}

const saeRow = ({ saeId, l0, explainedVariance, neuronpediaId }: PublishedSae): string[] => [
  saeId,
  l0 === null ? '' : String(l0),
  explainedVariance === null ? '' : String(explainedVariance),
  neuronpediaId ?? '',
];

const releaseRow = ({ release, model, saes, repository }: SaeRelease): string[] => [
  release,
  model,
  String(saes.length),
  repository,
];
