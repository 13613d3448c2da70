import { openEngine, type Engine } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recorded } from '../fixtures/saelens.fixture.ts';
import { runTrajectory } from '../fixtures/saelens-runs.fixture.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const cases = recorded.trajectories.map(
  (path) => [`${path.architecture} ${JSON.stringify(path.options)}`, path] as const,
);
test.each(cases)('ten steps end where the trainer of sae-lens ends: %s', async (_, path) => {
  for (const { what, got, wanted } of await runTrajectory(engine, path)) {
    const tolerance = /rate|coefficient/.test(what) ? 1e-9 : what === 'topk_threshold' ? 1e-5 : 1e-4;
    expect(got.length, what).toBe(wanted.length);
    wanted.forEach((value, i) =>
      expect(Math.abs(got[i]! - value), `${what}[${i}]`).toBeLessThan(tolerance * Math.max(1, Math.abs(value))),
    );
  }
});
