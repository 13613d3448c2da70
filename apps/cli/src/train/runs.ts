import { layerOf, type TrainingRequest, type TrainingRequestInput } from '@monosema/catalog';
import { hookPointNamed, type Model } from '@monosema/model';
import { sweepRuns, type SaeRun, type SweepBase, type SweepGrid } from '@monosema/sae/training';
import { forOption, UsageError } from '../exit.ts';
import type { TrainOptions } from './command.ts';
import type { ConfigFile } from './config-file.ts';

export type NamedRun = SaeRun & { name: string };
type Architecture = TrainingRequest['architecture'];

const optionOf: Readonly<Record<string, string>> = {
  modelId: '--model',
  dataSetId: '--data',
  hookPoint: '--hook',
  hookPointOut: '--hook-out',
  architecture: '--architecture',
  dSae: '--d-sae',
  k: '--k',
  l1Coefficient: '--l1',
  l0Coefficient: '--l0',
  widths: '--widths',
  learningRate: '--lr',
  trainingTokens: '--tokens',
  batchTokens: '--batch-tokens',
  contextSize: '--context-size',
  seed: '--seed',
};
/** What only some architectures have. */
const own: readonly { option: 'k' | 'l1' | 'l0' | 'widths' | 'hookOut'; of: (name: Architecture) => boolean }[] = [
  { option: 'k', of: (name) => name.endsWith('topk') },
  { option: 'l1', of: (name) => ['standard', 'gated', 'transcoder', 'skip_transcoder'].includes(name) },
  { option: 'l0', of: (name) => name.startsWith('jumprelu') },
  { option: 'widths', of: (name) => name === 'matryoshka_batchtopk' },
  { option: 'hookOut', of: (name) => name.endsWith('transcoder') },
];
/** How a source of each architecture is called in addresses. */
const sets: Readonly<Record<Architecture, string>> = {
  topk: 'tk',
  batchtopk: 'btk',
  matryoshka_batchtopk: 'mtk',
  standard: 'l1',
  gated: 'gated',
  jumprelu: 'jump',
  transcoder: 'tc',
  skip_transcoder: 'stc',
  jumprelu_transcoder: 'jtc',
  jumprelu_skip_transcoder: 'jstc',
};

/** What runs are of: a model, or activations of one that are on disk. */
export interface TrainedModel {
  readonly id: string;
  /** What is read where nobody says what. */
  readonly hookPoint: string;
  /** Tokens of a context where nobody says how many, and at most. */
  readonly contextSize: { readonly usual: number; readonly most: number };
  /** @throws naming the hook point and what there is */
  width(hookPoint: string): number;
}

export const trainedModel = (model: Model): TrainedModel => ({
  id: model.id,
  hookPoint: `blocks.${Math.floor((model.config.layers - 1) / 2)}.hook_resid_post`,
  contextSize: { usual: Math.min(128, model.config.contextSize), most: model.config.contextSize },
  width: (hookPoint) => hookPointNamed(model, hookPoint).width,
});

/**
 * The SAEs to train: what the config says, what options say before it, and every combination of options that have several
 * values. A single one has no name.
 *
 * @throws UsageError naming the option
 */
export async function runsOf(options: TrainOptions, config: ConfigFile | null, of: RunsOf): Promise<NamedRun[]> {
  const { base, grid } = await planOf(options, config, of);
  return named(() => sweepRuns(base, grid));
}

export interface RunsOf {
  readonly model: TrainedModel;
  readonly dataSetId: string;
}

async function planOf(
  options: TrainOptions,
  config: ConfigFile | null,
  { model, dataSetId }: RunsOf,
): Promise<{ base: SweepBase; grid: SweepGrid }> {
  const given = config?.request;
  const architecture = (options.architecture ?? given?.architecture ?? 'topk') as Architecture;
  checkOwn(options, architecture);
  const hooks = options.hook ?? [given?.hookPoint ?? model.hookPoint];
  const hookOut = options.hookOut ?? given?.hookPointOut;
  for (const hook of hooks) await forOption('--hook', () => model.width(hook));
  if (hookOut !== undefined) await forOption('--hook-out', () => model.width(hookOut));
  const contextSize = options.contextSize ?? given?.contextSize ?? model.contextSize.usual;
  if (contextSize > model.contextSize.most)
    throw new UsageError(
      '--context-size',
      `is ${contextSize}, but ${model.id} reads at most ${model.contextSize.most} tokens`,
    );
  const same = given?.architecture === architecture ? given : undefined;
  const ranks = architecture.endsWith('topk');
  const fields = {
    hookPoint: hooks,
    dSae: options.dSae ?? [given?.dSae ?? 1024],
    k: options.k ?? listed(same?.k ?? (ranks ? 8 : undefined)),
    l1Coefficient: options.l1 ?? listed(same?.l1Coefficient),
    l0Coefficient: options.l0 ?? listed(same?.l0Coefficient),
    learningRate: options.lr ?? [given?.learningRate ?? (ranks ? 4e-3 : 2e-3)],
    seed: options.seed ?? [given?.seed ?? 42],
  } satisfies Record<keyof SweepGrid, unknown>;
  const [several, single] = [true, false].map((isSeveral) =>
    Object.entries(fields).filter(([, values]) => values && values.length > 1 === isSeveral),
  ) as [[string, unknown[]][], [string, unknown[]][]];
  const [dSae = 1024] = fields.dSae;
  const request: Partial<TrainingRequestInput> = {
    ...{ modelId: model.id, dataSetId, architecture, contextSize },
    sourceId: `${layerOf(hooks[0]!) ?? 0}-${sets[architecture]}`,
    ...(architecture === 'matryoshka_batchtopk' && { widths: options.widths ?? same?.widths ?? halves(dSae) }),
    ...(hookOut !== undefined && { hookPointOut: hookOut }),
    trainingTokens: options.tokens ?? given?.trainingTokens ?? 3_000_000,
    batchTokens: options.batchTokens ?? given?.batchTokens ?? 2048,
    dSae,
    ...Object.fromEntries(single.map(([field, values]) => [field, values[0]])),
  };
  return { base: { request, ...settingsOf(options, config, architecture) }, grid: Object.fromEntries(several) };
}

const listed = <T>(value: T | undefined): T[] | undefined => (value === undefined ? undefined : [value]);
const halves = (dSae: number): number[] => [8, 4, 2, 1].map((part) => Math.max(1, Math.floor(dSae / part)));

/** The config's settings; its sparsity weight gives way to that of an option. */
function settingsOf(
  { l1, l0 }: TrainOptions,
  config: ConfigFile | null,
  architecture: Architecture,
): Pick<SweepBase, 'settings'> {
  if (!config) return {};
  if (config.request.architecture !== architecture)
    throw new UsageError('--architecture', `is ${architecture}, but the config is for ${config.request.architecture}`);
  const [coefficient] = l1 ?? l0 ?? [];
  const { settings } = config;
  if (coefficient === undefined) return { settings };
  return { settings: { ...settings, loss: { ...settings.loss, sparsityCoefficient: coefficient } } };
}

function checkOwn(options: TrainOptions, architecture: Architecture): void {
  for (const { option, of } of own)
    if (options[option] !== undefined && !of(architecture)) {
      const name = `--${option === 'hookOut' ? 'hook-out' : option}`;
      throw new UsageError(name, `is not for --architecture ${architecture}`);
    }
}

/** Tells what is wrong with a request by the option that it came from. */
function named<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const [, run = '', message, field] = /^(?:run (.+?): )?✖ (.+)\n\s*→ at (\w+)/.exec(error.message) ?? [];
    if (message === undefined || field === undefined) throw new UsageError('--config', error.message);
    throw new UsageError(optionOf[field] ?? field, `${run === 'alone' ? '' : `${run}: `}${message}`);
  }
}
