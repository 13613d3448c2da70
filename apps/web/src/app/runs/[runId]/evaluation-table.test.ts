import { evaluationSchema } from '@monosema/catalog';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { EvaluationTable } from './evaluation-table.tsx';

/** What evaluations had at first. */
const old = evaluationSchema.parse({
  ...{ tokens: 2000, l0: 16, mse: 0.25, explainedVariance: 0.9571, deadFeatures: 4, deadFraction: 0.25 },
  ...{ ceLossScore: 0.99, ceLossScoreEverywhere: 0.98, ceLossClean: 1.75, ceLossSpliced: 1.8 },
  ...{ ceLossAblated: 10.5, ceLossAblatedEverywhere: 6.25 },
});
const cells = (html: string): Record<string, string> =>
  Object.fromEntries(
    [...html.matchAll(/<th scope="row">([^<]+).*?<td[^>]*>(.*?)<\/td>/g)].map(([, name, cell]) => [
      name!,
      cell!.replaceAll(/<[^>]*>/g, ' ').trim(),
    ]),
  );
const rendered = (evaluation: Parameters<typeof EvaluationTable>[0]['evaluation']): string =>
  renderToStaticMarkup(createElement(EvaluationTable, { evaluation }));

test('before a run ends all rows stand, without figures', () => {
  const html = rendered(null);
  expect(html).toContain('Measured when training has ended.');
  expect(new Set(Object.values(cells(html)))).toEqual(new Set(['–']));
  expect(html).not.toContain('role="img"');
});

test('what an older evaluation lacks is a dash', () => {
  const shown = cells(rendered(old));
  expect(shown).toMatchObject({ 'Explained variance': '0.9571', 'Dead features': '4 (25.0%)', L0: '16.00' });
  expect(shown).toMatchObject({ 'KL score': '–', 'Dense features': '–', 'CE loss, mean ablated': '–' });
});

test('a figure comes with its interval, and densities with a picture', () => {
  const html = rendered({
    ...old,
    ...{ klScore: 0.97, featuresOver10Percent: 3, intervals: { explainedVariance: [0.9561, 0.9583], l0: [16, 16] } },
    densityHistogram: { from: -7, binWidth: 0.25, counts: [...Array<number>(27).fill(0), 12] },
  });
  expect(cells(html)).toMatchObject({ 'KL score': '0.9700', 'Dense features': '3' });
  expect(cells(html)['Explained variance']).toMatch(/^0\.9571 +± 0\.0011$/);
  expect(cells(html)['L0']).toBe('16.00');
  expect(html).toContain('title="95% interval: 0.95610 to 0.95830"');
  expect(html).toContain('12 features in 28 bins; most lie between 56% and 100%.');
  expect(html).toContain('>0.0001%<');
  expect(html).toContain('without 4 dead');
});
