import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';
import type { SaeConfig } from '../config/sae-config.ts';

/** An input as the encoder takes it, and how its reconstruction is turned back into the input's units. */
export interface NormalisedInput {
  x: Traced;
  restore: (reconstruction: Traced) => Traced;
}

const asIs = (x: Traced): NormalisedInput => ({ x, restore: (reconstruction) => reconstruction });

/**
 * Normalises x [rows, d_in] as the config says. A transcoder's output is of another hook point, and is left as it is.
 *
 * - `centred`: x - mean(x), where the model's writing weights were not centred
 * - `constant_norm_rescale`: to norm sqrt(d_in); an input of zeros stays zeros (SAELens divides by zero)
 * - `layer_norm`: (x - mean) / (deviation + 1e-5), with n - 1 in the deviation; the 1e-5 only on the way in
 */
export function normaliseInput(config: SaeConfig, x: Traced): NormalisedInput {
  const centred = config.centred ? centre(x) : asIs(x);
  const inner = normalise(config, centred.x);
  if ('dOut' in config) return asIs(inner.x);
  return { x: inner.x, restore: (reconstruction) => centred.restore(inner.restore(reconstruction)) };
}

function normalise({ normalisation, dIn }: SaeConfig, x: Traced): NormalisedInput {
  switch (normalisation) {
    case 'constant_norm_rescale': {
      const norm = op.sqrt(op.maximum(op.sum(op.square(x), [1], true), 1e-30));
      const scale = op.div(Math.sqrt(dIn), norm);
      return { x: op.mul(x, scale), restore: (reconstruction) => op.mul(reconstruction, restoring(x, scale)) };
    }
    case 'layer_norm': {
      const centred = centre(x);
      const deviation = op.sqrt(op.mul(op.sum(op.square(centred.x), [1], true), 1 / Math.max(1, dIn - 1)));
      return {
        x: op.div(centred.x, op.add(deviation, 1e-5)),
        restore: (reconstruction) => centred.restore(op.mul(reconstruction, deviation)),
      };
    }
    case 'none':
    case 'expected_average_only_in':
      return asIs(x);
  }
}

/** 1 / scale where x is not zero, else 0: there is nothing to restore. */
const restoring = (x: Traced, scale: Traced): Traced =>
  op.where(op.greater(op.max(op.abs(x), [1], true), 0), op.div(1, scale), 0);

function centre(x: Traced): NormalisedInput {
  const mean = op.mean(x, [1], true);
  return { x: op.sub(x, mean), restore: (reconstruction) => op.add(reconstruction, mean) };
}
