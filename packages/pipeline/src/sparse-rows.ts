/**
 * Sparse activations, one row per token: row r holds the pairs offsets[r] … offsets[r + 1] − 1.
 * The form in which `@monosema/sae` encoders answer (compressed sparse rows, active features only).
 */
export interface SparseRows {
  rows: number;
  /** [rows + 1] */
  offsets: Int32Array;
  /** feature of each pair */
  indices: Int32Array;
  /** activation of each pair, > 0 */
  values: Float32Array;
}
