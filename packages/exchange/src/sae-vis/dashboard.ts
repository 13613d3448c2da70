import { Fields, RowError, zipped } from '../fields.ts';
import type {
  DirectAttribution,
  ExampleGroup,
  ImportedCorrelation,
  ImportedExample,
  ImportedFeature,
  ImportedHistogram,
  ImportedTokenValue,
} from '../records.ts';

/**
 * One feature of sae_vis 0.3 with its examples, and its activations on the prompt of a prompt-centric page. The
 * numbers are the page's, which has two to four decimals.
 *
 * @throws RowError
 */
export function dashboardOf(index: number, fields: Fields): (ImportedFeature | ImportedExample | RowError)[] {
  let maximum: number | null = null;
  const examples = [...groups(index, fields, 'seqMultiGroup'), ...groups(index, fields, 'prompt')];
  for (const example of examples)
    if (!(example instanceof RowError) && example.group?.kind !== 'prompt')
      maximum = Math.max(maximum ?? -Infinity, decimals(example.values[example.position]!));
  const tables = fields.has('featureTables') ? fields.object('featureTables') : new Fields({});
  const logits = fields.has('logitsTable') ? fields.object('logitsTable') : new Fields({});
  const feature: ImportedFeature = {
    kind: 'feature',
    index,
    density: densityOf(fields),
    maximum,
    activationHistogram: histogram(fields, 'actsHistogram'),
    logitHistogram: histogram(fields, 'logitsHistogram'),
    topLogits: tokenValues(logits, 'posLogits'),
    bottomLogits: tokenValues(logits, 'negLogits'),
    neuronAlignment: rows(tables, 'neuronAlignment').map((row) => ({
      index: row.index('index'),
      value: shown(row, 'value'),
      l1Share: shown(row, 'percentageL1'),
    })),
    correlatedNeurons: correlations(tables, 'correlatedNeurons'),
    correlatedFeatures: correlations(tables, 'correlatedFeatures'),
    headShares: [],
    nearestFeatures: [],
    vector: null,
    scan: null,
  };
  return [feature, ...examples];
}

/** Values were written with four decimals; float32 adds noise behind them. */
const decimals = (value: number): number => Number(value.toFixed(4));

const rows = (fields: Fields, name: string): Fields[] => fields.list(name).map((row) => new Fields(row, name));

const tokenValues = (logits: Fields, name: string): ImportedTokenValue[] =>
  rows(logits, name).map((row) => ({ token: row.string('symbol'), value: row.number('value') }));

/** `percentageL1` holds the cosine in these. */
const correlations = (tables: Fields, name: string): ImportedCorrelation[] =>
  rows(tables, name).map((row) => ({
    index: row.index('index'),
    pearson: shown(row, 'value'),
    cosine: shown(row, 'percentageL1'),
  }));

/** Numbers as they are shown: `+0.180`, `0.5%`. */
function shown(row: Fields, field: string): number {
  const text = row.string(field);
  const number = Number(text.replace(/%$/, ''));
  if (!/\d/.test(text) || !Number.isFinite(number)) throw new RowError(`${field} is "${text}", not a number`);
  return text.endsWith('%') ? fraction(number) : number;
}

/** Of percent, without the noise of dividing by 100. */
const fraction = (percent: number): number => Number(`${percent}e-2`);

function densityOf(fields: Fields): number | null {
  const title = fields.has('actsHistogram') ? fields.object('actsHistogram').raw('title') : null;
  const match = typeof title === 'string' ? /DENSITY = ([\d.]+)%/.exec(title) : null;
  return match ? fraction(Number(match[1])) : null;
}

function histogram(fields: Fields, name: string): ImportedHistogram | null {
  if (!fields.has(name)) return null;
  const centres = fields.object(name).numbers('x');
  const heights = fields.object(name).numbers('y');
  zipped({ [`${name}.x`]: centres, [`${name}.y`]: heights }, () => null);
  return centres.length === 0 ? null : { centres, heights };
}

function* groups(index: number, fields: Fields, name: string): Generator<ImportedExample | RowError> {
  for (const group of rows(fields, name)) {
    const title = group.object('seqGroupMetadata').stringOrNull('title') ?? '';
    const kind = name === 'prompt' ? ({ kind: 'prompt' } as const) : groupOfTitle(title);
    for (const sequence of rows(group, 'seqGroupData'))
      try {
        yield example(index, sequence, kind);
      } catch (error) {
        if (!(error instanceof RowError)) throw error;
        yield error;
      }
  }
}

/** The numbers of a group are in its heading. */
function groupOfTitle(title: string): ExampleGroup | null {
  const top = /^TOP ACTIVATIONS.*MAX(?: ACT)? = (-?[\d.]+)/.exec(title);
  if (top) return { kind: 'top', maximum: Number(top[1]) };
  const interval = /^INTERVAL (-?[\d.]+) - (-?[\d.]+).*CONTAINS ([\d.]+)%/.exec(title);
  if (!interval) return null;
  return {
    kind: 'interval',
    from: Number(interval[1]),
    to: Number(interval[2]),
    share: fraction(Number(interval[3])),
  };
}

function example(index: number, sequence: Fields, group: ExampleGroup | null): ImportedExample {
  if (!Array.isArray(sequence.raw('seqData'))) throw new RowError('seqData is no text, but a board');
  const tokens = rows(sequence, 'seqData');
  if (tokens.length === 0) throw new RowError('seqData is empty');
  // What did not fire has no featAct.
  const values = Float32Array.from(tokens.map((token) => token.numberOrNull('featAct') ?? 0));
  const bold = tokens.findIndex((token) => token.raw('isBold') === true);
  const measured = tokens.some((token) => token.has('lossEffect'));
  return {
    kind: 'example',
    index,
    id: null,
    tokens: tokens.map((token) => token.string('tok')),
    tokenIds: tokens.every((token) => token.has('tokID')) ? tokens.map((token) => token.index('tokID')) : null,
    values,
    position: values.indexOf(Math.max(...values)),
    group,
    qualifyingPosition: bold < 0 || group?.kind === 'prompt' ? null : bold,
    place: placeOf(tokens[0]!),
    attribution: attribution(sequence),
    attentionPairs: null,
    lossEffects: measured ? tokens.map((token) => token.numberOrNull('lossEffect') ?? 0) : [],
    logitContributions: null,
    dataSource: null,
    dataIndex: null,
  };
}

/** `(context, position)`. */
function placeOf(token: Fields): ImportedExample['place'] {
  const match = /^\((\d+), (\d+)\)$/.exec(token.stringOrNull('tokPosn') ?? '');
  return match ? { context: Number(match[1]), position: Number(match[2]) } : null;
}

/** Sources are a window of their own, around the greatest of them. */
function attribution(sequence: Fields): DirectAttribution | null {
  const sources = rows(sequence, 'dfaSeqData');
  if (sources.length === 0) return null;
  const values = sources.map((source) => source.number('dfaValue'));
  return {
    values,
    tokens: sources.map((source) => source.string('tok')),
    target: null,
    maximum: Math.max(...values),
  };
}
