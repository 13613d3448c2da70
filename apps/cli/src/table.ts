/**
 * Rows as lines with columns of one width; the last column is as long as it is.
 * @example table([['L0', '8.0'], ['dead', '0']]) // "L0    8.0\ndead  0\n"
 */
export function table(rows: readonly (readonly string[])[], indent = ''): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows
    .map((row) => {
      const cells = row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!)));
      return `${indent}${cells.join('  ')}`.trimEnd() + '\n';
    })
    .join('');
}

/** Bytes as people read them. @example fileSize(302_000_000) // "302.0 MB" */
export function fileSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
