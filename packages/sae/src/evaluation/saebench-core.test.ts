import { openEngine, type Engine } from '@monosema/engine';
import { loadModel } from '@monosema/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordedEvaluations, recordedSae } from '../fixtures/saelens-evaluations.fixture.ts';
import { evaluateSaeWithFeatures } from './evaluate-sae.ts';
import { saebenchFileName, toSaebenchCore, type SaebenchCore } from './saebench-core.ts';

const { cases, contexts, saebenchCore } = recordedEvaluations;
const recorded = cases[0]!;
const identity = { evalId: 'b0f3b4de-2d4c-4b8e-9f43-3d2f6a1f6f10', at: new Date(1_700_000_000_000) };
let engine: Engine;
let core: SaebenchCore;
let withoutLosses: SaebenchCore;
beforeAll(async () => {
  engine = await openEngine();
  const model = await loadModel('stories-260k');
  const sae = recordedSae(recorded);
  const shared = { sae, dataSetId: 'tinystories', contextSize: 32, ...identity };
  core = toSaebenchCore({
    ...(await evaluateSaeWithFeatures({ engine, model, sae, contexts })),
    ...{ ...shared, releaseId: 'house', saeId: 'blocks.2/topk' },
  });
  const quick = { engine, model, sae, contexts, losses: false, similarityFeatures: 4 };
  withoutLosses = toSaebenchCore({ ...(await evaluateSaeWithFeatures(quick)), ...shared });
});
afterAll(() => engine.close());

const typeOf = (value: unknown): string[] => {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  return Number.isInteger(value) ? ['integer', 'number'] : [typeof value];
};
/** Every field that SAEBench has, no other, of its types. */
function checkStructure(value: Record<string, unknown>, path: string): void {
  const fields = saebenchCore[path];
  if (!fields) return; // what SAEBench leaves open
  expect(Object.keys(value).sort(), path).toEqual(Object.keys(fields).sort());
  for (const [name, type] of Object.entries(fields)) {
    const child = value[name];
    const at = path ? `${path}.${name}` : name;
    if (!type.includes('any'))
      expect(
        typeOf(child).some((kind) => type.split('|').includes(kind)),
        at,
      ).toBe(true);
    if (Array.isArray(child)) child.forEach((entry) => checkStructure(entry as Record<string, unknown>, `${at}[]`));
    else if (child && typeof child === 'object') checkStructure(child as Record<string, unknown>, at);
  }
}

test.each(['measured', 'without losses'])('has the fields and types of SAEBench, %s', (which) => {
  const file = JSON.parse(JSON.stringify(which === 'measured' ? core : withoutLosses)) as Record<string, unknown>;
  checkStructure(file, '');
  expect(file['eval_result_details']).toHaveLength(128);
});

test('the numbers are those of sae-lens and sae_bench under the same names', () => {
  const theirs = { ...recorded.metrics, misc_metrics: recorded.misc };
  const ours = core.eval_result_metrics as Record<string, Record<string, number>>;
  expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort());
  for (const [group, metrics] of Object.entries(theirs))
    for (const [name, value] of Object.entries(metrics))
      expect(Math.abs(ours[group]![name]! / value - 1), `${group}.${name}`).toBeLessThan(2e-5);
  for (const [name, values] of Object.entries(recorded.features!))
    core.eval_result_details.forEach((feature, index) =>
      expect(feature[name as keyof typeof feature], `${name} of ${index}`).toBeCloseTo(values[index] ?? -1, 5),
    );
});

test('what was not measured is -1', () => {
  expect(withoutLosses.eval_result_metrics.model_performance_preservation.ce_loss_score).toBe(-1);
  expect(withoutLosses.eval_config).toMatchObject({ compute_kl: false, compute_ce_loss: false });
  const similar = withoutLosses.eval_result_details.filter((feature) => feature.max_decoder_cosine_sim !== -1);
  expect(similar.map(({ index }) => index)).toEqual([0, 32, 64, 96]);
  expect(withoutLosses.eval_result_details[5]!.consistent_activation_heuristic).toBe(-1);
});

test('says what was measured, where SAEBench looks for it', () => {
  expect(core).toMatchObject({ sae_lens_release_id: 'house', eval_id: identity.evalId });
  expect(core.sae_cfg_dict).toMatchObject({ architecture: 'standard', d_sae: 128 });
  expect(core.eval_result_metrics.token_stats.total_tokens_eval_reconstruction).toBe(12 * 32);
  expect(core.eval_result_unstructured.evaluation.intervals?.explainedVariance).toHaveLength(2);
  expect(saebenchFileName('house', 'blocks.2/topk')).toBe('house_blocks.2_topk_eval_results.json');
});
