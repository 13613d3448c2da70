import type { SaeParameters } from '../sae.ts';

/** Adam's state: the number of steps taken, and the first (m) and second (v) moment of every parameter. */
export interface OptimiserState {
  step: number;
  m: SaeParameters;
  v: SaeParameters;
}
