import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { DensityBadge, Histogram, LogitTable, MetricChart, Token, TokenHeatMap } from './index.ts';

test('a histogram says in words what it shows and draws one bar per bin that counts', () => {
  const html = renderToStaticMarkup(
    <Histogram title="Activations" counts={[30, 0, 10]} from={0} to={3} counted="tokens" xLabel="activation" />,
  );
  expect(html).toContain('role="img"');
  expect(html).toContain('Activations. 40 tokens in 3 bins; most lie between 0 and 1.00.');
  expect(html.match(/<rect/g)).toHaveLength(2);
  expect(html).toContain('<title>2.00 – 3.00: 10 tokens</title>');
});

test('an empty histogram divides by nothing', () => {
  const html = renderToStaticMarkup(
    <Histogram title="Activations" counts={[0, 0]} from={0} to={0} counted="tokens" xLabel="activation" />,
  );
  expect(html).not.toContain('NaN');
  expect(html).toContain('No tokens.');
});

test('a logit table shows tokens, values and bars, and escapes', () => {
  const html = renderToStaticMarkup(
    <LogitTable title="Negative" tone="negative" scale={4} rows={[{ id: 7, text: ' <b>', value: -2 }]} />,
  );
  expect(html).toContain('<span>␣</span>&lt;b&gt;');
  expect(html).toContain('--bar:50.0%');
  expect(html).toContain('−2.00');
  expect(html).toContain('token id 7');
});

test('a heat map is one string in one list, with a switch that works by styles', () => {
  const example = { ids: [1, 2], texts: ['Once', ' <upon'], position: 1, maximum: 2, positions: [1], values: [2] };
  const html = renderToStaticMarkup(<TokenHeatMap examples={[example]} maximum={2} label="Top activations" />);
  expect(html).toContain('<ol class="heat-map" aria-label="Top activations"><li>');
  expect(html).toContain('<b class="h10 max" tabindex="0" title="2.000"> &lt;upon</b>');
  expect(html).toContain('type="checkbox"');
});

test('spaces and newlines of a lone token are visible', () => {
  expect(renderToStaticMarkup(<Token text={' a\n'} />)).toBe(
    '<code class="token"><span>␣</span>a<span>↵</span></code>',
  );
});

test('a density says when it is unusual', () => {
  expect(renderToStaticMarkup(<DensityBadge density={0} />)).toContain('dead');
  expect(renderToStaticMarkup(<DensityBadge density={0.25} />)).toContain('25.0% dense');
  expect(renderToStaticMarkup(<DensityBadge density={0.0042} />)).toContain('>0.42%<');
});

test('a metric chart keeps its place and tells its last value before it is drawn', () => {
  const html = renderToStaticMarkup(
    <MetricChart
      title="L0"
      unit="latents"
      points={[
        { x: 0, y: 1 },
        { x: 1, y: 8.25 },
      ]}
    />,
  );
  expect(html).toContain('height:160px');
  expect(html).toContain('8.250');
});
