import { expect, test } from 'vitest';
import { recorded } from '../fixtures/saelens.fixture.ts';
import { readTrainingConfig } from './read-training-config.ts';

const architectureOf = (run: Record<string, unknown>) => (run['sae'] as Record<string, unknown>)['architecture'];

test.each(recorded.runs.map((run) => [String(architectureOf(run)), run] as const))(
  'a config that sae-lens wrote loads unchanged: %s',
  (architecture, run) => {
    const { request, settings, text, output, wandb, cachedActivations } = readTrainingConfig(run);
    expect(request).toMatchObject({
      ...{ architecture, modelId: 'stories-260k', hookPoint: 'blocks.2.hook_resid_post', dSae: 512, seed: 7 },
      ...{ learningRate: 4e-4, trainingTokens: 1_000_000, batchTokens: 1024, contextSize: 64 },
      ...{ dataSetId: 'roneneldan/TinyStories', sourceId: '2-resid_post-512' },
    });
    expect(settings).toMatchObject({
      optimiser: { beta1: 0.5, beta2: 0.999, clipNorm: 1, decoderRows: 'free' },
      schedule: { kind: 'cosineannealing', warmUpSteps: 100, decaySteps: 200, endShare: 0.1 },
      start: { decoderNorm: 0.1, decoderBias: 'zeros' },
      deadAfterTokens: 1001 * 1024,
      sae: { dIn: 64, normalisation: 'expected_average_only_in', subtractDecoderBias: true, centred: false },
    });
    expect(text).toEqual({ prependBos: true, excludeSpecialTokens: true, concatenate: true, separator: 'bos' });
    expect(output).toEqual({ path: 'output', checkpoints: 3, checkpointPath: 'checkpoints/fixed' });
    expect(cachedActivations).toBeNull();
    expect(wandb).toBeNull();
  },
);

test('fields of an architecture arrive where it is trained', () => {
  const of = (architecture: string) =>
    readTrainingConfig(recorded.runs.find((run) => architectureOf(run) === architecture));
  expect(of('standard')).toMatchObject({
    request: { l1Coefficient: 0.5 },
    settings: { loss: { sparsityWarmUpSteps: 3 } },
  });
  expect(of('topk')).toMatchObject({
    request: { k: 3 },
    settings: { loss: { auxCoefficient: 0.25 }, sae: { rescaleByDecoderNorm: false } },
  });
  expect(of('batchtopk').request.k).toBe(2.3);
  expect(of('matryoshka_batchtopk')).toMatchObject({
    request: { widths: [64, 512] },
    settings: { loss: { auxPerLevel: true } },
  });
  expect(of('jumprelu')).toMatchObject({
    request: { l0Coefficient: 0.25 },
    settings: {
      loss: { jumpSparsity: 'tanh', preActCoefficient: 0.01, jumpBandwidth: 0.5, sparsityCoefficient: 0.25 },
    },
  });
});

const flat = {
  ...{ architecture: 'standard', model_name: 'gpt2-small', hook_name: 'blocks.8.hook_resid_pre', hook_layer: 8 },
  ...{ d_in: 768, expansion_factor: 32, l1_coefficient: 8e-5, l1_warm_up_steps: 10, lr: 4e-4, context_size: 128 },
  ...{ training_tokens: 300_000_000, dataset_path: 'Skylion007/openwebtext', use_ghost_grads: true },
  ...{ activation_fn: 'relu', activation_fn_kwargs: {}, store_batch_size_prompts: 32, n_batches_in_buffer: 64 },
  ...{ n_checkpoints: 0, checkpoint_path: 'checkpoints', log_to_wandb: true, wandb_project: 'mine', seed: 42 },
};

test('a flat config of SAELens 5 has the defaults of 5', () => {
  const { request, settings, wandb, notes } = readTrainingConfig(flat);
  expect(request).toMatchObject({ architecture: 'standard', dSae: 24576, l1Coefficient: 8e-5, batchTokens: 4096 });
  expect(settings).toMatchObject({
    loss: { ghostGradients: true, weightByDecoderNorm: false, sparsityWarmUpSteps: 10 },
    optimiser: { beta1: 0, decoderRows: 'unit' },
    start: { decoderNorm: 1, decoderBias: 'geometric_median' },
  });
  expect(wandb).toEqual({ project: 'mine', entity: null, runName: null });
  expect(notes.map(({ field }) => field)).toContain('adam_beta1');
  const topk = readTrainingConfig({ ...flat, activation_fn: 'topk', activation_fn_kwargs: { k: 32 } });
  expect(topk.request).toMatchObject({ architecture: 'topk', k: 32 });
  expect(topk.settings.sae.rescaleByDecoderNorm).toBe(false);
  const jump = readTrainingConfig({ ...flat, architecture: 'jumprelu', l1_coefficient: 2 });
  expect(jump).toMatchObject({
    request: { l0Coefficient: 2 },
    settings: { loss: { jumpBandwidth: 0.001, sparsityWarmUpSteps: 10 } },
  });
});

const wrong: [string, Record<string, unknown>, string][] = [
  ['two widths', { ...flat, d_sae: 100 }, 'd_sae is 100, but d_in times expansion_factor is 24576'],
  ['noise', { ...flat, noise_scale: 0.1 }, 'noise_scale is 0.1; only 0 is offered'],
  ['an activation', { ...flat, activation_fn: 'tanh-relu' }, 'activation_fn is tanh-relu; allowed are relu and topk'],
  [
    'two ways to keep rows',
    { ...flat, normalize_sae_decoder: true, decoder_heuristic_init: true },
    'exclude each other',
  ],
  ['resume', { ...flat, resume: true }, 'resume is true'],
  ['part of a context', { ...flat, seqpos_slice: [5, -5] }, 'seqpos_slice is [5, -5]'],
  ['no model', { ...flat, model_name: undefined }, 'model_name'],
  ['a head', { ...flat, hook_head_index: 2 }, 'hook_head_index: a single head is not trained on'],
  ['less than a batch', { ...flat, training_tokens: 100 }, 'trainingTokens: must be at least one batch'],
];
test.each(wrong)('%s is refused by name', (_, config, message) => {
  expect(() => readTrainingConfig(config)).toThrow(message);
});

test('activations on disk are named in both layouts', () => {
  const cached = { use_cached_activations: true, cached_activations_path: './activations' };
  expect(readTrainingConfig({ ...flat, ...cached }).cachedActivations).toBe('./activations');
  const [run] = recorded.runs;
  expect(readTrainingConfig({ ...run, ...cached }).cachedActivations).toBe('./activations');
  const without = { ...run, use_cached_activations: true, cached_activations_path: null };
  expect(() => readTrainingConfig(without)).toThrow('cached_activations_path is needed');
});
