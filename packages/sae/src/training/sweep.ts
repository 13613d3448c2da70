import { layerOf, trainingRequestSchema, type TrainingRequest, type TrainingRequestInput } from '@monosema/catalog';
import { z } from 'zod';
import type { TrainingSettingsInput } from '../config/training-settings.ts';
import { houseSettings } from './house-settings.ts';
import type { SaeRun } from './options.ts';

/** Values to try, by field of the request; every combination is a run. */
export interface SweepGrid {
  readonly hookPoint?: readonly string[];
  readonly dSae?: readonly number[];
  readonly k?: readonly number[];
  readonly l1Coefficient?: readonly number[];
  readonly l0Coefficient?: readonly number[];
  readonly learningRate?: readonly number[];
  readonly seed?: readonly number[];
}

/** What all runs of a sweep have in common; a field of the grid may be left out. */
export interface SweepBase {
  request: Partial<TrainingRequestInput>;
  settings?: TrainingSettingsInput;
}

type Field = keyof SweepGrid;
/** Fields in the order of names, and what they are called there. */
const fields: Readonly<Record<Field, string>> = {
  hookPoint: '',
  dSae: 'd',
  k: 'k',
  l1Coefficient: 'l1_',
  l0Coefficient: 'l0_',
  learningRate: 'lr',
  seed: 'seed',
};

/**
 * The runs of a sweep, for `trainSaes`: all combinations, the last field of the grid fastest. A run's name says what is
 * its own (`k8-lr0.001`), and its source id is the base's with that behind it. Levels of Matryoshka SAEs grow with dSae.
 * Runs of several seeds start differently and read the text in the order of the first, so that they too share the forward
 * pass.
 *
 * @throws RangeError naming the run and the field
 * @example sweepRuns({ request }, { k: [8, 16], learningRate: [1e-3, 3e-3] }).map(({ name }) => name)
 * // ['k8-lr0.001', 'k8-lr0.003', 'k16-lr0.001', 'k16-lr0.003']
 */
export function sweepRuns(base: SweepBase, grid: SweepGrid): (SaeRun & { name: string })[] {
  return combinations(grid).map((own) => {
    const name = nameOf(own);
    const parsed = trainingRequestSchema.safeParse({ ...base.request, ...derived(base.request, own, name), ...own });
    if (!parsed.success) throw new RangeError(`run ${name || 'alone'}: ${z.prettifyError(parsed.error)}`);
    const request = parsed.data;
    const settings = settingsOf(base, own, grid, request);
    return { name, request, ...(settings && { settings }) };
  });
}

type Own = Partial<Record<Field, string | number>>;

function combinations(grid: SweepGrid): Own[] {
  const given = (Object.keys(fields) as Field[]).filter((field) => grid[field] !== undefined);
  return given.reduce<Own[]>(
    (runs, field) => {
      const values = grid[field]!;
      if (values.length === 0) throw new RangeError(`${field} of the sweep is empty: at least one value is needed`);
      return runs.flatMap((run) => values.map((value) => ({ ...run, [field]: value })));
    },
    [{}],
  );
}

const nameOf = (own: Own): string =>
  (Object.entries(own) as [Field, string | number][]).map(([field, value]) => `${fields[field]}${value}`).join('-');

/** What follows from the run's own values. */
function derived(
  { sourceId, dSae, widths }: SweepBase['request'],
  own: Own,
  name: string,
): Partial<TrainingRequestInput> {
  const out: Partial<TrainingRequestInput> = {};
  if (sourceId !== undefined && name !== '') out.sourceId = sourceIdOf(sourceId, own);
  if (widths && dSae !== undefined && typeof own.dSae === 'number') {
    const factor = own.dSae / dSae;
    out.widths = widths.map((width) => Math.round(width * factor));
  }
  return out;
}

function sourceIdOf(base: string, { hookPoint, ...rest }: Own): string {
  const parts = base.split('-');
  if (typeof hookPoint === 'string') {
    parts[0] = String(layerOf(hookPoint) ?? 0);
    parts.push(
      hookPoint
        .split('.')
        .at(-1)!
        .replace(/^hook_/, ''),
    );
  }
  if (Object.keys(rest).length > 0) parts.push(nameOf(rest));
  return parts.join('-').toLowerCase();
}

/** Settings say the sparsity weight a second time; both must agree. */
function settingsOf(
  { settings }: SweepBase,
  own: Own,
  grid: SweepGrid,
  request: TrainingRequest,
): TrainingSettingsInput | undefined {
  const coefficient = own.l1Coefficient ?? own.l0Coefficient;
  const [dataSeed] = grid.seed ?? [];
  const weighted =
    settings && typeof coefficient === 'number'
      ? { ...settings, loss: { ...settings.loss, sparsityCoefficient: coefficient } }
      : settings;
  return dataSeed === undefined ? weighted : { ...(weighted ?? houseSettings(request)), dataSeed };
}
