import { openEngine } from '@monosema/engine';
import { compileForward, loadModel } from '@monosema/model';
import type { Sae } from '@monosema/sae';
import { expect, test } from 'vitest';
import { buildDashboards } from './build-dashboards.ts';
import { linearCongruential, madeUpSae } from './made-up-sae.fixture.ts';

const [length, width, dSae, k, bos] = [16, 64, 64, 4, 1];

test('SAEDashboard #45: dashboards of an SAE of a centred model were made on uncentred activations', async () => {
  const next = linearCongruential(8);
  const made = madeUpSae(next, length);
  // A bias on every encoder column's sum, so that the mean of an input matters.
  const W_enc = made.parameters.W_enc.map((value) => value + 0.5);
  const sae: Sae = { config: { ...made.config, centred: true }, parameters: { ...made.parameters, W_enc } };
  const contexts = Array.from({ length: 6 }, () =>
    Int32Array.from({ length }, (_, i) => (i === 0 ? bos : 300 + (next() % 50))),
  );
  const engine = await openEngine({ threads: 1 });
  const model = await loadModel('stories-260k');
  const firings: number[] = [];
  for await (const event of buildDashboards({ engine, model, sae, contexts }))
    if (event.kind === 'features') for (const feature of event.features) firings[feature.index] = feature.firings;
  const { hookPoint } = sae.config.contract;
  const forward = await compileForward(engine, model, { length, taps: [hookPoint] });
  const ids = Int32Array.from(contexts.flatMap((row) => [...row]));
  const x = (await forward.run(ids))[hookPoint]!.data;
  await forward.dispose();
  await engine.close();

  const count = (centred: boolean): number[] => {
    const counts = new Array<number>(dSae).fill(0);
    ids.forEach((id, at) => {
      if (id === bos) return;
      const row = Array.from({ length: width }, (_, d) => x[at * width + d]!);
      const mean = centred ? row.reduce((a, b) => a + b, 0) / width : 0;
      const z = Array.from({ length: dSae }, (_, f) =>
        row.reduce((sum, value, d) => sum + (value - mean) * W_enc[d * dSae + f]!, 0),
      );
      const ranked = z.map((value, f) => ({ value, f })).sort((a, b) => b.value - a.value);
      for (const { value, f } of ranked.slice(0, k)) if (value > 0) counts[f]! += 1;
    });
    return counts;
  };
  expect(firings).toEqual(count(true));
  expect(firings).not.toEqual(count(false));
});
