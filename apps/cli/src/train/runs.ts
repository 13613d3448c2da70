import {
  launchableArchitectures,
  layerOf,
  trainingPreset,
  type TrainingPreset,
  type TrainingRequestInput,
} from '@monosema/catalog';
import { hookPointNamed, type Model } from '@monosema/model';
import { sweepRuns, type SaeRun, type SweepBase, type SweepGrid } from '@monosema/sae/training';
import { forOption, UsageError } from '../exit.ts';
import type { Architecture } from '../architectures.ts';
import type { TrainOptions } from './command.ts';
import type { ConfigFile } from './config-file.ts';

export type NamedRun = SaeRun & { name: string };
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
/** How a source of a transcoder is called in addresses; of others their presets say. */
const sets: Partial<Record<Architecture, string>> = {
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
  const architecture = options.architecture ?? config?.request.architecture ?? 'topk';
  checkOwn(options, architecture);
  if (config && config.request.architecture !== architecture)
    throw new UsageError('--architecture', `is ${architecture}, but the config is for ${config.request.architecture}`);
  await checkPlace(options, config, of.model);
  const widths = options.dSae ?? [config?.request.dSae ?? 1024];
  // What goes well depends on the width.
  return widths.flatMap((dSae) => {
    const { base, grid } = planOf(options, config, of, presetOf(architecture, dSae, config));
    return named(() => sweepRuns(base, widths.length > 1 ? { ...grid, dSae: [dSae] } : grid));
  });
}

export interface RunsOf {
  readonly model: TrainedModel;
  readonly dataSetId: string;
}

/** What is taken where no option says otherwise. */
type Preset = Omit<TrainingPreset, 'setName'> & { setName: string };

function presetOf(architecture: Architecture, dSae: number, config: ConfigFile | null): Preset {
  const launchable = launchableArchitectures.find((name) => name === architecture);
  const preset = launchable
    ? trainingPreset(launchable, dSae)
    : { learningRate: 2e-3, setName: sets[architecture] ?? 'set' };
  const { k, l1Coefficient, l0Coefficient, widths, learningRate } = config?.request ?? (preset as Preset);
  return { architecture, dSae, k, l1Coefficient, l0Coefficient, widths, learningRate, setName: preset.setName };
}

/** Where is read, and how long contexts are. */
async function checkPlace(
  { hook, hookOut, contextSize }: TrainOptions,
  config: ConfigFile | null,
  model: TrainedModel,
): Promise<void> {
  for (const name of hook ?? [config?.request.hookPoint ?? model.hookPoint])
    await forOption('--hook', () => model.width(name));
  const out = hookOut ?? config?.request.hookPointOut;
  if (out !== undefined) await forOption('--hook-out', () => model.width(out));
  const tokens = contextSize ?? config?.request.contextSize ?? model.contextSize.usual;
  if (tokens > model.contextSize.most)
    throw new UsageError(
      '--context-size',
      `is ${tokens}, but ${model.id} reads at most ${model.contextSize.most} tokens`,
    );
}

function planOf(
  options: TrainOptions,
  config: ConfigFile | null,
  { model, dataSetId }: RunsOf,
  { setName, ...preset }: Preset,
): { base: SweepBase; grid: SweepGrid } {
  const given = config?.request;
  const hooks = options.hook ?? [given?.hookPoint ?? model.hookPoint];
  const hookOut = options.hookOut ?? given?.hookPointOut;
  const fields = {
    hookPoint: hooks,
    k: options.k ?? listed(preset.k),
    l1Coefficient: options.l1 ?? listed(preset.l1Coefficient),
    l0Coefficient: options.l0 ?? listed(preset.l0Coefficient),
    learningRate: options.lr ?? [preset.learningRate],
    seed: options.seed ?? [given?.seed ?? 42],
  } satisfies Record<Exclude<keyof SweepGrid, 'dSae'>, unknown>;
  const several = Object.entries(fields).filter(([, values]) => values && values.length > 1);
  const single = Object.entries(fields).flatMap(([field, values]) =>
    values?.length === 1 ? [[field, values[0]] as const] : [],
  );
  const request: Partial<TrainingRequestInput> = {
    ...{ modelId: model.id, dataSetId, ...preset },
    sourceId: `${layerOf(hooks[0]!) ?? 0}-${setName}`,
    ...(options.widths && { widths: options.widths }),
    ...(hookOut !== undefined && { hookPointOut: hookOut }),
    contextSize: options.contextSize ?? given?.contextSize ?? model.contextSize.usual,
    trainingTokens: options.tokens ?? given?.trainingTokens ?? 3_000_000,
    batchTokens: options.batchTokens ?? given?.batchTokens ?? 2048,
    ...Object.fromEntries(single),
  };
  return { base: { request, ...settingsOf(options, config) }, grid: Object.fromEntries(several) };
}

const listed = <T>(value: T | undefined): T[] | undefined => (value === undefined ? undefined : [value]);

/** The config's settings; its sparsity weight gives way to that of an option. */
function settingsOf({ l1, l0 }: TrainOptions, config: ConfigFile | null): Pick<SweepBase, 'settings'> {
  if (!config) return {};
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
