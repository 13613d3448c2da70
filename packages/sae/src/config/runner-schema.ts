import { z } from 'zod';
import { normalisations } from './sae-config.ts';

const count = z.number().int().min(0);
const positive = z.number().int().positive();
const weight = z.number().min(0);

/** The `sae` part of a SAELens 6 run; its defaults. Fields of other architectures than its own are let through unread. */
export const runnerSaeSchema = z.looseObject({
  architecture: z.enum(['standard', 'gated', 'topk', 'batchtopk', 'matryoshka_batchtopk', 'jumprelu']),
  d_in: positive,
  d_sae: positive,
  dtype: z.string().default('float32'),
  apply_b_dec_to_input: z.boolean().default(true),
  normalize_activations: z.enum(normalisations, { error: `is none of ${normalisations.join(', ')}` }).default('none'),
  decoder_init_norm: z.number().positive().nullable().default(0.1),
  l1_coefficient: weight.default(1),
  lp_norm: z.number().positive().default(1),
  l1_warm_up_steps: count.default(0),
  k: z.number().positive().default(100),
  aux_loss_coefficient: weight.default(1),
  rescale_acts_by_decoder_norm: z.boolean().default(true),
  topk_threshold_lr: z.number().min(0).max(1).default(0.01),
  matryoshka_widths: z.array(positive).default([]),
  use_matryoshka_aux_loss: z.boolean().default(false),
  jumprelu_init_threshold: weight.default(0.01),
  jumprelu_bandwidth: z.number().positive().default(0.05),
  jumprelu_sparsity_loss_mode: z.enum(['step', 'tanh', 'quadratic']).default('step'),
  l0_coefficient: weight.default(1),
  l0_warm_up_steps: count.default(0),
  pre_act_loss_coefficient: weight.nullable().default(null),
  jumprelu_tanh_scale: z.number().positive().default(4),
  jumprelu_ste_to_input: z.boolean().default(false),
  target_l0: z.number().positive().nullable().default(null),
});

const separator = z.union([z.enum(['bos', 'eos', 'sep']), z.number().int().min(0), z.null()]);

/** A SAELens 6 run (`runner_cfg.json`) as far as it is followed here; its defaults. */
export const runnerSchema = z.looseObject({
  sae: runnerSaeSchema,
  model_name: z.string().min(1),
  hook_name: z.string().min(1),
  hook_head_index: z.null({ error: 'a single head is not trained on' }).default(null),
  dataset_path: z.string().default(''),
  context_size: positive.default(128),
  training_tokens: positive.default(2_000_000),
  train_batch_size_tokens: positive.default(4096),
  seqpos_slice: z.array(z.number().int().nullable()).default([null]),
  disable_concat_sequences: z.boolean().default(false),
  sequence_separator_token: separator.default('bos'),
  prepend_bos: z.boolean().default(true),
  exclude_special_tokens: z.union([z.boolean(), z.array(z.number().int().min(0))]).default(false),
  model_from_pretrained_kwargs: z.record(z.string(), z.unknown()).nullable().default(null),
  use_cached_activations: z.boolean().default(false),
  cached_activations_path: z.string().nullable().default(null),
  seed: count.default(42),
  adam_beta1: z.number().min(0).lt(1).default(0.9),
  adam_beta2: z.number().min(0).lt(1).default(0.999),
  lr: z.number().positive().default(3e-4),
  lr_scheduler_name: z.enum(['constant', 'cosineannealing', 'cosineannealingwarmrestarts']).default('constant'),
  lr_warm_up_steps: count.default(0),
  lr_end: z.number().min(0).nullable().default(null),
  lr_decay_steps: count.default(0),
  n_restart_cycles: positive.default(1),
  dead_feature_window: positive.default(1000),
  n_checkpoints: count.default(0),
  checkpoint_path: z.string().nullable().default('checkpoints'),
  output_path: z.string().nullable().default('output'),
  logger: z
    .looseObject({
      log_to_wandb: z.boolean().default(true),
      wandb_project: z.string().default('sae_lens_training'),
      wandb_entity: z.string().nullable().default(null),
      run_name: z.string().nullable().default(null),
    })
    .prefault({}),
});
export type Runner = z.infer<typeof runnerSchema>;
