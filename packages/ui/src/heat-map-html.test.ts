import { expect, test } from 'vitest';
import { heatMapHtml, type HeatMapExample } from './heat-map-html.ts';

const exampleOf = (texts: string[], active: Record<number, number>, position: number): HeatMapExample => ({
  ids: Int32Array.from(texts, (_, i) => 100 + i),
  texts,
  position,
  maximum: active[position]!,
  positions: Object.keys(active).map(Number),
  values: Object.values(active),
});

test('nothing of a token reaches the page as markup', () => {
  const html = heatMapHtml(
    [exampleOf(['<script>alert(1)</script>', `"'&`, '<img src=x onerror=f()>'], { 0: 2, 2: 1 }, 0)],
    2,
  );
  expect(html).not.toContain('<script');
  expect(html).not.toContain('<img');
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(html).toContain('<i>&quot;&#39;&amp;</i>');
});

test('firing tokens are coloured relative to the scale and the maximum is marked', () => {
  const html = heatMapHtml([exampleOf(['a', 'b', 'c', 'd'], { 1: 0.9, 2: 3, 3: 6 }, 3)], 6);
  expect(html).toContain('<i>a</i>');
  expect(html).toContain('<b class="h2" title="0.9000">b</b>');
  expect(html).toContain('<b class="h5" title="3.000">c</b>');
  expect(html).toContain('<b class="h10 max" tabindex="0" title="6.000">d</b>');
  expect(html).toContain('data-ids="100 101 102 103"');
});

test('newlines break the line and are marked, and reordering characters are taken out', () => {
  const html = heatMapHtml([exampleOf(['one\n', 'two\u202e', '\u0000'], { 0: 1 }, 0)], 1);
  expect(html).toContain('>one↵<br></b>');
  expect(html).toContain('<i>two◌</i><i>␀</i>');
});

test('tokens far from the maximum stand apart, and no more than the window is sent', () => {
  const texts = Array.from({ length: 1000 }, (_, i) => `t${i} `);
  const html = heatMapHtml([exampleOf(texts, { 500: 1 }, 500)], 1);
  const near = html.slice(html.indexOf('</span><i>') + 10, html.lastIndexOf('<span class="far">') + 18);
  expect(html.match(/<span class="far">/g)).toHaveLength(2);
  expect(near).toMatch(/^t49\d .*<b.*t50\d <\/i><span class="far">$/);
  expect(html.match(/<i>/g)).toHaveLength(256);
  expect(html).not.toContain('t371 ');
  expect(html).toContain('t372 ');
  expect(html.match(/data-ids="(.*?)"/)![1]!.split(' ')).toHaveLength(257);
});

test('a text token that is empty still has its tag, so that ids and tags agree', () => {
  expect(heatMapHtml([exampleOf(['€', '', 'x'], { 2: 1 }, 2)], 1)).toContain('<i>€</i><i></i><b');
});

test('a special token is set back', () => {
  expect(heatMapHtml([exampleOf(['<s>', 'x'], { 1: 1 }, 1)], 1, new Set([100]))).toContain(
    '<i class="s">&lt;s&gt;</i>',
  );
});

test('maxima can be aligned: the padding makes up for a short beginning', () => {
  const html = heatMapHtml([exampleOf(['abc', 'd', 'x'], { 2: 1 }, 2), exampleOf(['x'], { 0: 1 }, 0)], 1);
  expect(html.match(/--pad:\d+/g)).toEqual(['--pad:43', '--pad:47']);
});
