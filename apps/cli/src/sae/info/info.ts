import type { Evaluation } from '@monosema/catalog';
import type { OpenedSae, SaeProvenance } from '@monosema/sae/pretrained';
import { findSae, type PublishedSae } from '@monosema/sae-registry';
import { fileSize, table } from '../../table.ts';
import { writeJson } from '../../terminal.ts';
import { configRows } from '../config-rows.ts';
import { evaluationRows } from '../evaluation-table.ts';
import { openReference } from '../open-reference.ts';
import { savedEvaluation } from '../saved-evaluation.ts';
import type { InfoOptions } from './command.ts';
import { weightStatistics, type WeightStatistics } from './weight-statistics.ts';

/** `monosema sae info`. */
export async function info(reference: string, options: InfoOptions, signal: AbortSignal): Promise<void> {
  const opened = await openReference('<sae>', reference, options, signal);
  const { sae, layout, notes, provenance } = opened;
  const weights = weightStatistics(sae);
  const published = publishedSae(provenance);
  const evaluation = provenance.kind === 'disk' ? await savedEvaluation(provenance.path) : null;
  if (options.json) writeJson({ config: sae.config, layout, provenance, notes, weights, published, evaluation });
  else process.stdout.write(textOf(opened, weights, published, evaluation));
}

function publishedSae({ release, saeId }: SaeProvenance): PublishedSae | null {
  return release !== null && saeId !== null ? findSae(release, saeId).sae : null;
}

function textOf(
  { sae: { config }, layout, notes, provenance }: OpenedSae,
  weights: WeightStatistics,
  published: PublishedSae | null,
  evaluation: Evaluation | null,
): string {
  const sections: [title: string, rows: readonly (readonly string[])[]][] = [
    ['', [...configRows(config), ['layout', layout]]],
    ['weights', weightRows(weights)],
    ['files', filesRows(provenance)],
    ['published values', published ? publishedRows(published) : []],
    ['on held-out text', evaluation ? evaluationRows(evaluation) : []],
    ['as it was read', notes.map(({ kind, message }) => [kind, message])],
  ];
  return sections
    .filter(([, rows]) => rows.length > 0)
    .map(([title, rows]) => (title === '' ? table(rows) : `\n${title}\n${table(rows, '  ')}`))
    .join('');
}

const three = ({ minimum, mean, maximum }: WeightStatistics['decoderNorms']): string =>
  `${minimum.toPrecision(4)} to ${maximum.toPrecision(4)}, mean ${mean.toPrecision(4)}`;

const weightRows = ({ parameters, decoderNorms, decoderBiasNorm, thresholds }: WeightStatistics): string[][] => [
  ['parameters', parameters.toLocaleString('en')],
  ['decoder norms', three(decoderNorms)],
  ['norm of b_dec', decoderBiasNorm.toPrecision(4)],
  ...(thresholds ? [['thresholds', three(thresholds)]] : []),
];

function filesRows({ kind, repository, revision, path, files }: SaeProvenance): string[][] {
  const from = kind === 'disk' || kind === 'memory' ? path : `${repository} at ${revision}, ${path || 'its top'}`;
  return [['from', from], ...files.map(({ name, bytes, sha256 }) => [name, `${fileSize(bytes)}, sha256 ${sha256}`])];
}

function publishedRows({ l0, explainedVariance, neuronpediaId }: PublishedSae): string[][] {
  return [
    ['L0', l0 === null ? 'unknown' : String(l0)],
    ['explained variance', explainedVariance === null ? 'unknown' : String(explainedVariance)],
    ['Neuronpedia', neuronpediaId ?? 'unknown'],
  ];
}
