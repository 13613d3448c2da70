import { layerOf, trainingRequestSchema, type TrainingRequest } from '@monosema/catalog';
import type { z } from 'zod';
import { LoadNotes, type LoadNote } from '../checkpoint/load-note.ts';
import { fromFlatRunner, type FlatRun } from './flat-runner.ts';
import { runnerSchema, type Runner } from './runner-schema.ts';
import { trainingSettingsSchema, type TrainingSettings } from './training-settings.ts';

/** A training run, as `trainSae` and those who bring it text take it. */
export interface TrainingConfig {
  request: TrainingRequest;
  settings: TrainingSettings;
  /** How text becomes contexts. */
  text: {
    prependBos: boolean;
    /** Tokens that are not trained on: those named, or all special ones. */
    excludeSpecialTokens: boolean | readonly number[];
    /** Whether documents follow each other in a context, and what is put between them. */
    concatenate: boolean;
    separator: 'bos' | 'eos' | 'sep' | number | null;
  };
  /** Folder of activations to train on instead of text (`openCachedActivations`; SAELens's own are not read), or null. */
  cachedActivations: string | null;
  output: { path: string | null; checkpoints: number; checkpointPath: string | null };
  wandb: { project: string; entity: string | null; runName: string | null } | null;
  /** Every default and conversion that was applied where layouts differ. */
  notes: readonly LoadNote[];
}

/**
 * Reads the config of a training run in the names of SAELens: 6 (`LanguageModelSAERunnerConfig.to_dict()`, the file
 * runner_cfg.json) or 5 (flat, with architecture, hook_layer, activation_fn_kwargs, use_ghost_grads, …). Absent fields
 * have the defaults of their version. Fields about devices, precision of the model, compilation and buffers are let
 * through: they don't change what is trained here.
 *
 * @throws RangeError naming the field and what is allowed
 * @example const { request, settings } = readTrainingConfig(JSON.parse(await readFile('runner_cfg.json', 'utf8')))
 */
export function readTrainingConfig(json: unknown): TrainingConfig {
  const notes = new LoadNotes();
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new RangeError('the training config is no object');
  const given = json as Record<string, unknown>;
  const flat = 'sae' in given ? undefined : fromFlatRunner(given, notes);
  const runner = parse(runnerSchema, flat?.runner ?? given);
  checkSlice(runner);
  return {
    request: parse(trainingRequestSchema, requestOf(runner, notes)),
    settings: parse(trainingSettingsSchema, settingsOf(runner, flat)),
    text: {
      prependBos: runner.prepend_bos,
      excludeSpecialTokens: runner.exclude_special_tokens,
      concatenate: !runner.disable_concat_sequences,
      separator: runner.sequence_separator_token,
    },
    cachedActivations: cacheOf(runner),
    output: { path: runner.output_path, checkpoints: runner.n_checkpoints, checkpointPath: runner.checkpoint_path },
    wandb: wandbOf(runner),
    notes: notes.all,
  };
}

function requestOf({ sae, ...runner }: Runner, notes: LoadNotes): Record<string, unknown> {
  const { architecture } = sae;
  const hook = runner.hook_name
    .split('.')
    .at(-1)!
    .replace(/^hook_/, '')
    .toLowerCase();
  const usesK = architecture === 'topk' || architecture === 'batchtopk' || architecture === 'matryoshka_batchtopk';
  return {
    modelId: runner.model_name.split('/').at(-1)!.toLowerCase(),
    dataSetId: runner.dataset_path,
    sourceId: `${layerOf(runner.hook_name) ?? 0}-${hook}-${sae.d_sae}`,
    hookPoint: runner.hook_name,
    architecture,
    dSae: sae.d_sae,
    ...(usesK && { k: sae.k }),
    ...((architecture === 'standard' || architecture === 'gated') && { l1Coefficient: sae.l1_coefficient }),
    ...(architecture === 'jumprelu' && { l0Coefficient: sae.l0_coefficient }),
    ...(architecture === 'matryoshka_batchtopk' && { widths: widthsOf(sae, notes) }),
    learningRate: runner.lr,
    trainingTokens: runner.training_tokens,
    batchTokens: runner.train_batch_size_tokens,
    contextSize: runner.context_size,
    seed: runner.seed,
  };
}

/** SAELens adds d_sae as the last level when it is missing; no level at all is nothing to add to (#727). */
function widthsOf({ matryoshka_widths: widths, d_sae: dSae }: Runner['sae'], notes: LoadNotes): number[] {
  if (widths.length === 0) throw new RangeError('sae.matryoshka_widths is empty: at least one width is needed');
  if (widths.at(-1) === dSae) return widths;
  notes.add('converted', 'sae.matryoshka_widths', `a last level of d_sae, ${dSae}, is added`);
  return [...widths, dSae];
}

function settingsOf({ sae, ...runner }: Runner, flat: FlatRun | undefined): Record<string, unknown> {
  const isJump = sae.architecture === 'jumprelu';
  if (sae.jumprelu_sparsity_loss_mode === 'quadratic' && isJump && sae.target_l0 === null)
    throw new RangeError('sae.target_l0 is needed where jumprelu_sparsity_loss_mode is quadratic');
  return {
    loss: {
      sparsityCoefficient: isJump ? sae.l0_coefficient : sae.l1_coefficient,
      sparsityWarmUpSteps: isJump ? sae.l0_warm_up_steps : sae.l1_warm_up_steps,
      ...{ lpNorm: sae.lp_norm, auxCoefficient: sae.aux_loss_coefficient, auxPerLevel: sae.use_matryoshka_aux_loss },
      ...{ thresholdRate: sae.topk_threshold_lr, jumpThreshold: sae.jumprelu_init_threshold },
      ...{ jumpBandwidth: sae.jumprelu_bandwidth, jumpSparsity: sae.jumprelu_sparsity_loss_mode },
      ...{ jumpTanhScale: sae.jumprelu_tanh_scale, jumpEstimateReachesInput: sae.jumprelu_ste_to_input },
      ...{ targetL0: sae.target_l0, preActCoefficient: sae.pre_act_loss_coefficient },
      ...flat?.loss,
    },
    optimiser: { beta1: runner.adam_beta1, beta2: runner.adam_beta2, clipNorm: 1, ...flat?.optimiser },
    schedule: {
      kind: runner.lr_scheduler_name,
      ...{ warmUpSteps: runner.lr_warm_up_steps, decaySteps: runner.lr_decay_steps, cycles: runner.n_restart_cycles },
      endShare: runner.lr_end === null ? 0.1 : runner.lr_end / runner.lr,
    },
    start: { decoderNorm: sae.decoder_init_norm, decoderBias: 'zeros', ...flat?.start },
    // SAELens counts steps: dead when more than the window has passed.
    deadAfterTokens: (runner.dead_feature_window + 1) * runner.train_batch_size_tokens,
    sae: {
      dIn: sae.d_in,
      subtractDecoderBias: sae.apply_b_dec_to_input,
      normalisation: sae.normalize_activations,
      rescaleByDecoderNorm: sae.rescale_acts_by_decoder_norm && flat === undefined,
      centred: runner.model_from_pretrained_kwargs?.['center_writing_weights'] === true,
    },
  };
}

function wandbOf({ logger }: Runner): TrainingConfig['wandb'] {
  if (!logger.log_to_wandb) return null;
  return { project: logger.wandb_project, entity: logger.wandb_entity, runName: logger.run_name };
}

function cacheOf({ use_cached_activations: used, cached_activations_path: path }: Runner): string | null {
  if (used && path === null)
    throw new RangeError('cached_activations_path is needed where use_cached_activations is true');
  return used ? path : null;
}

function checkSlice({ seqpos_slice: slice }: Runner): void {
  if (slice.some((part) => part !== null))
    throw new RangeError(`seqpos_slice is [${slice.join(', ')}]; only [null], whole contexts, is offered`);
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'config'}: ${message}`);
  throw new RangeError(`the training config is wrong: ${issues.join('; ')}`);
}
