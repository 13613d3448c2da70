/** An operand in the reference: its entries in row-major order. */
export interface Value {
  data: Float64Array;
  shape: number[];
}
