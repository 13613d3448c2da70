import { evaluate, input } from '@monosema/engine';
import { normaliseInput } from '../architectures/normalise-input.ts';
import type { SaeConfig } from '../config/sae-config.ts';

/** Rows [rows, d_in] as the encoder sees them; b_dec is subtracted there. */
export function normalisedRows(config: SaeConfig, rows: Float32Array): Float32Array {
  const shape = [rows.length / config.dIn, config.dIn];
  const x = input('x', shape);
  const { seen } = evaluate(
    { inputs: { x }, outputs: { seen: normaliseInput(config, x).x } },
    { x: { data: rows, shape } },
  );
  return Float32Array.from(seen!.data);
}
