/** Squares of this many rows and columns stay in the cache while they are turned. */
const tile = 64;

/** The transpose of a row-major matrix [rows, columns]: [columns, rows]. */
export function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let top = 0; top < rows; top += tile)
    for (let left = 0; left < columns; left += tile) {
      const bottom = Math.min(rows, top + tile);
      const right = Math.min(columns, left + tile);
      for (let row = top; row < bottom; row++)
        for (let column = left; column < right; column++) out[column * rows + row] = matrix[row * columns + column]!;
    }
  return out;
}
