import type { LoadNotes } from '../checkpoint/load-note.ts';
import { lossRulesSchema, type LossRulesInput } from './loss-rules.ts';
import type { OptimiserRulesInput } from './optimiser-rules.ts';
import type { StartRulesInput } from './start-rules.ts';

type Fields = Record<string, unknown>;

/** A run of SAELens 5, whose config is flat, in the layout of 6, and the rules that 6 no longer has. */
export interface FlatRun {
  runner: Fields;
  loss: LossRulesInput;
  optimiser: OptimiserRulesInput;
  start: StartRulesInput;
}

/** Names of the SAE's own fields in 5, and in 6. */
const saeFields: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ...['d_in', 'dtype', 'apply_b_dec_to_input', 'l1_coefficient', 'lp_norm', 'l1_warm_up_steps'],
    ...['jumprelu_init_threshold', 'jumprelu_bandwidth'],
  ].map((name) => [name, name]),
);
const loggerFields = ['log_to_wandb', 'wandb_project', 'wandb_entity', 'run_name', 'wandb_id', 'wandb_log_frequency'];
/** What 5 assumes where 6 assumes something else. */
const defaults: Fields = {
  architecture: 'standard',
  d_in: 512,
  adam_beta1: 0,
  l1_coefficient: 1e-3,
  jumprelu_init_threshold: 0.001,
  jumprelu_bandwidth: 0.001,
  wandb_project: 'mats_sae_training_language_model',
};

/**
 * Reads a flat config. What 5 could do and nobody should is an error that names the field: noise on pre-activations,
 * losses divided by the batch's deviation, finetuning.
 * @throws RangeError naming the field
 */
export function fromFlatRunner(given: Fields, notes: LoadNotes): FlatRun {
  refuse(given);
  const flat = { ...given };
  for (const [name, value] of Object.entries(defaults)) flat[name] = notes.orDefault(name, flat[name], value);
  const architecture = architectureOf(flat, notes);
  const sae: Fields = { architecture, d_sae: widthOf(flat) };
  for (const [name, current] of Object.entries(saeFields)) if (flat[name] !== undefined) sae[current] = flat[name];
  sae['normalize_activations'] = normalisationOf(flat['normalize_activations']);
  if (architecture === 'topk') sae['k'] = (flat['activation_fn_kwargs'] as Fields | undefined)?.['k'] ?? 100;
  if (architecture === 'jumprelu')
    Object.assign(sae, { l0_coefficient: flat['l1_coefficient'], l0_warm_up_steps: flat['l1_warm_up_steps'] ?? 0 });
  const unit = flat['normalize_sae_decoder'] ?? true;
  const heuristic = flat['decoder_heuristic_init'] === true;
  const logger = Object.fromEntries(loggerFields.filter((name) => name in flat).map((name) => [name, flat[name]]));
  return {
    runner: { ...flat, sae, logger },
    loss: {
      ghostGradients: flat['use_ghost_grads'] === true,
      weightByDecoderNorm: flat['scale_sparsity_penalty_by_decoder_norm'] === true,
      auxCoefficient: lossRulesSchema.parse({}).auxCoefficient,
    },
    optimiser: { decoderRows: unit === true ? 'unit' : 'free' },
    start: {
      decoderNorm: unit === true ? 1 : heuristic ? 0.1 : null,
      decoderBias: biasOf(flat['b_dec_init_method'] ?? 'geometric_median'),
    },
  };
}

function refuse(flat: Fields): void {
  const nothing = (name: string, allowed: unknown): void => {
    const value = flat[name];
    if (value !== undefined && value !== null && value !== allowed)
      throw new RangeError(`${name} is ${String(value)}; only ${String(allowed)} is offered`);
  };
  nothing('noise_scale', 0);
  nothing('mse_loss_normalization', null);
  nothing('finetuning_tokens', 0);
  if (flat['resume'] === true) throw new RangeError('resume is true; a run is resumed from its checkpoint here');
  if (flat['normalize_sae_decoder'] === true && flat['decoder_heuristic_init'] === true)
    throw new RangeError('normalize_sae_decoder and decoder_heuristic_init exclude each other');
}

function architectureOf(flat: Fields, notes: LoadNotes): unknown {
  const activation = flat['activation_fn'] ?? 'relu';
  if (activation === 'topk') {
    if (flat['architecture'] !== 'topk') notes.add('converted', 'architecture', 'activation_fn topk makes it topk');
    return 'topk';
  }
  if (activation !== 'relu') throw new RangeError(`activation_fn is ${String(activation)}; allowed are relu and topk`);
  return flat['architecture'];
}

function widthOf(flat: Fields): unknown {
  const { d_sae, expansion_factor, d_in } = flat;
  const width = Number(d_in) * Number(expansion_factor ?? 4);
  // A config that SAELens 5 wrote has both.
  if (typeof d_sae === 'number' && typeof expansion_factor === 'number' && d_sae !== width)
    throw new RangeError(`d_sae is ${d_sae}, but d_in times expansion_factor is ${width}`);
  return d_sae ?? width;
}

const normalisationOf = (value: unknown): unknown =>
  typeof value === 'boolean' ? (value ? 'expected_average_only_in' : 'none') : (value ?? 'none');

function biasOf(method: unknown): 'zeros' | 'mean' | 'geometric_median' {
  if (method === 'zeros' || method === 'mean' || method === 'geometric_median') return method;
  throw new RangeError(`b_dec_init_method is ${String(method)}; allowed are zeros, mean and geometric_median`);
}
