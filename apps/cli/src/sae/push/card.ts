import { repositoryOfShortName } from '@monosema/hub';
import { evaluationRows } from '../evaluation-table.ts';
import type { Conversion } from '../convert/conversion.ts';
import type { PushedSae } from './gather.ts';
import { listedSae, type ListedSae } from './listed-sae.ts';
import { configRows } from '../config-rows.ts';

/** By this a later push knows a card that may be written anew. */
export const cardMark = '<!-- Written by "monosema sae push", which writes it anew as long as this line is here. -->';

export interface Card {
  /** owner/name */
  repository: string;
  /** What is pushed now. */
  saes: readonly PushedSae[];
  /** What the repository has already. */
  others: readonly ListedSae[];
  licence: string | null;
  /** The model on the hub; found by its name where null. */
  baseModel: string | null;
}

/** README.md of a repository of SAEs: what they are, how they were measured, how they are loaded. */
export function writeCard(card: Card): string {
  const { repository, saes, others } = card;
  const pushed = new Set(saes.map(({ id }) => id));
  const all = [...saes.map(listedSae), ...others.filter(({ id }) => !pushed.has(id))].sort((a, b) =>
    a.id.localeCompare(b.id, 'en', { numeric: true }),
  );
  const models = [...new Set(saes.map(({ config }) => config.contract.modelId))];
  const [name = repository] = repository.split('/').slice(-1);
  return [
    frontMatter(card),
    cardMark,
    `# ${name}`,
    `${all.length === 1 ? 'A sparse autoencoder' : 'Sparse autoencoders'} of activations of ${models.map(code).join(', ')}: ` +
      'activations as sums of few features out of many.',
    markdownTable(
      ['SAE', 'architecture', 'reads', 'd_sae', 'k', 'L0', 'explained variance', 'CE-loss score', 'dead features'],
      all.map(listRow),
    ),
    loading(repository, saes),
    ...saes.map((sae) => section(sae)),
  ]
    .join('\n\n')
    .concat('\n');
}

/** JSON strings are YAML. */
function frontMatter({ saes, licence, baseModel }: Card): string {
  const models = [...new Set(saes.map(({ config }) => baseModel ?? repositoryOfShortName(config.contract.modelId)))];
  const bases = models.filter((model) => model !== null);
  const dataSets = [...new Set(saes.map(({ config }) => config.dataSetId))].filter(
    (name) => name !== null && /^[\w.-]+\/[\w.-]+$/.test(name),
  );
  const list = (key: string, values: readonly unknown[]): string[] =>
    values.length === 0 ? [] : [`${key}:`, ...values.map((value) => `  - ${JSON.stringify(value)}`)];
  return [
    '---',
    'library_name: saelens',
    ...(licence === null ? [] : [`license: ${JSON.stringify(licence)}`]),
    ...list('base_model', bases),
    ...list('datasets', dataSets),
    ...list('tags', ['sparse-autoencoder', 'saelens', 'monosema', 'mechanistic-interpretability']),
    '---',
  ].join('\n');
}

function listRow({ id, architecture, hookPoint, dSae, k, evaluation }: ListedSae): string[] {
  const number = (value: number | null | undefined, digits: number): string =>
    value === null || value === undefined ? '' : value.toFixed(digits);
  return [
    code(id || '.'),
    architecture ?? '',
    hookPoint === null ? '' : code(hookPoint),
    number(dSae, 0),
    k === null ? '' : String(k),
    number(evaluation?.l0, 1),
    number(evaluation?.explainedVariance, 3),
    number(evaluation?.ceLossScore, 3),
    evaluation ? `${evaluation.deadFeatures}` : '',
  ];
}

/** Names of cfg.json that sae-lens 6.54 has a class for. */
const readBySaelens = [
  ...['standard', 'gated', 'topk', 'abstopk', 'jumprelu'],
  ...['transcoder', 'skip_transcoder', 'jumprelu_transcoder', 'jumprelu_skip_transcoder'],
];

function isReadBySaelens({ files }: PushedSae): boolean {
  const { architecture } = JSON.parse(new TextDecoder().decode(files['cfg.json'])) as { architecture: string };
  return readBySaelens.includes(architecture);
}

function loading(repository: string, saes: readonly PushedSae[]): string {
  const [first] = saes as [PushedSae, ...PushedSae[]];
  const { id } = first;
  const read = saes.find(isReadBySaelens);
  const python = read
    ? `With [SAELens](https://github.com/decoderesearch/SAELens):

\`\`\`python
from sae_lens import SAE

sae = SAE.from_pretrained(${JSON.stringify(repository)}, ${JSON.stringify(read.id)})
\`\`\``
    : `[SAELens](https://github.com/decoderesearch/SAELens) does not read SAEs of this kind.`;
  return `## Loading

${python}

With Monosema, in TypeScript and on the command line:

\`\`\`ts
import { openSae } from '@monosema/sae/pretrained';

const { sae } = await openSae('${repository}/${id}');
\`\`\`

\`\`\`
monosema sae info ${repository}/${id}
monosema sae encode ${repository}/${id} "Once upon a time"
\`\`\``;
}

function section({ id, config, evaluation, training, conversion }: PushedSae): string {
  return [
    `## ${code(id)}`,
    markdownTable(
      ['', ''],
      configRows(config).map(([label, value]) => [label, value]),
    ),
    evaluation
      ? `On held-out text, tokens that are not counted left out:\n\n${markdownTable(['', '', '95 % interval'], evaluationRows(evaluation))}`
      : 'How well it does was not measured.',
    ...(training ? [`Trained with:\n\n\`\`\`json\n${JSON.stringify(training, null, 2)}\n\`\`\``] : []),
    ...(conversion ? originOf(conversion) : []),
  ].join('\n\n');
}

/** Where an SAE is from that was not made here, and what became of it on the way. */
function originOf({ layout, provenance, notes }: Conversion): string[] {
  const { repository, revision, path, files } = provenance;
  const from =
    repository === null
      ? `files of ${layout}`
      : `[${repository}](https://huggingface.co/${repository}), ${path || 'its top'}, commit ${revision}`;
  const hashes = files.map(({ name, sha256 }) => `- ${code(name)}, sha256 ${code(sha256)}`);
  const changes = notes.map(({ message }) => `- ${message}`);
  return [
    `Read from ${from}:\n\n${hashes.join('\n')}`,
    ...(changes.length > 0 ? [`What was assumed or converted on the way:\n\n${changes.join('\n')}`] : []),
  ];
}

const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``;

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
