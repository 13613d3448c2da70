import { expect, test } from 'vitest';
import { recorded } from '../../fixtures/saelens.fixture.ts';
import { relativeDifference, runPass } from '../../fixtures/saelens-runs.fixture.ts';

const cases = recorded.passes.map(
  (pass) => [`${pass.architecture} ${JSON.stringify(pass.options)}, ${pass.dead.length} dead`, pass] as const,
);

test.each(cases)('codes, losses and gradients are those of sae-lens: %s', (_, pass) => {
  for (const compared of runPass(pass)) {
    expect(compared.got.length, compared.what).toBe(compared.wanted.length);
    expect(relativeDifference(compared), compared.what).toBeLessThan(1e-5);
  }
});
