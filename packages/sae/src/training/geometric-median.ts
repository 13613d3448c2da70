/**
 * The point with the least sum of distances to the rows of x [rows, width] (Weiszfeld 1937): less moved by outliers than
 * the mean. At most 100 rounds, until the sum falls by less than a part in 1e10.
 */
export function geometricMedian(x: Float32Array, width: number): Float64Array {
  const rows = x.length / width;
  let point = weightedMean(x, width, new Float64Array(rows).fill(1));
  let before = Infinity;
  for (let round = 0; round < 100; round++) {
    const distances = Float64Array.from({ length: rows }, (_, row) => distance(x, row * width, point));
    const total = distances.reduce((sum, value) => sum + value, 0);
    if (before - total <= 1e-10 * total) break;
    before = total;
    // A row at the point itself would have all the weight.
    point = weightedMean(
      x,
      width,
      distances.map((value) => 1 / Math.max(value, 1e-6)),
    );
  }
  return point;
}

function distance(x: Float32Array, from: number, point: Float64Array): number {
  let squares = 0;
  for (let d = 0; d < point.length; d++) squares += (x[from + d]! - point[d]!) ** 2;
  return Math.sqrt(squares);
}

function weightedMean(x: Float32Array, width: number, weights: Float64Array): Float64Array {
  const mean = new Float64Array(width);
  let total = 0;
  for (let row = 0; row < weights.length; row++) {
    total += weights[row]!;
    for (let d = 0; d < width; d++) mean[d]! += weights[row]! * x[row * width + d]!;
  }
  return mean.map((value) => value / total);
}
