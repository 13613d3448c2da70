/**
 * A number as a person reads it in a table: about three significant digits, no noise.
 *
 * @example formatNumber(0.98765) // "0.988"
 * @example formatNumber(12345.6) // "12,346"
 * @example formatNumber(0.0000123) // "1.23e-5"
 */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-3) return value.toExponential(digits - 1);
  if (size >= 1000) return Math.round(value).toLocaleString('en');
  return value.toFixed(Math.max(0, digits - 1 - Math.max(-1, Math.floor(Math.log10(size)))));
}

/** A count, with thousands set apart: 12,345. */
export const formatCount = (value: number): string => value.toLocaleString('en');

/**
 * A count where room is short.
 *
 * @example formatCompact(1_250_000) // "1.3M"
 */
export const formatCompact = (value: number): string =>
  Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(value);

/**
 * A fraction of one as per cent, with at least two significant digits however small.
 *
 * @example formatPercent(0.00042) // "0.042%"
 */
export function formatPercent(fraction: number): string {
  const percent = fraction * 100;
  if (percent === 0) return '0%';
  if (percent >= 99.95) return '100%';
  if (percent < 1e-4) return `${percent.toExponential(1)}%`;
  const digits = percent >= 10 ? 1 : 1 - Math.floor(Math.log10(percent));
  return `${percent.toFixed(digits)}%`;
}
