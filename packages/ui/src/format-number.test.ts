import { expect, test } from 'vitest';
import { formatCompact, formatCount, formatNumber, formatPercent } from './format-number.ts';

test.each([
  [0, '0'],
  [0.98765, '0.988'],
  [9.876, '9.88'],
  [98.76, '98.8'],
  [987.6, '988'],
  [12345.6, '12,346'],
  [0.0000123, '1.23e-5'],
  [-2.5, '-2.50'],
  [Number.NaN, '–'],
])('%d reads %s', (value, text) => expect(formatNumber(value)).toBe(text));

test.each([
  [0, '0%'],
  [0.00042, '0.042%'],
  [0.5, '50.0%'],
  [0.9999, '100%'],
  [0.0512, '5.1%'],
  [1e-7, '1.0e-5%'],
])('the fraction %d reads %s', (fraction, text) => expect(formatPercent(fraction)).toBe(text));

test('counts', () => {
  expect(formatCount(12345)).toBe('12,345');
  expect(formatCompact(1_250_000)).toBe('1.3M');
});
