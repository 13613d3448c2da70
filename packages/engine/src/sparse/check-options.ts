import type { TopKParameters, TopKStepOptions } from './types.ts';

/** @throws RangeError naming the option and what is allowed */
export function checkOptions(options: TopKStepOptions): void {
  const { dIn, dSae, k, batch, auxK, threads } = options;
  const whole = (name: string, value: number, least: number, most: number): void => {
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(`${name} is ${value}, but must be a whole number from ${least} to ${most}`);
    }
  };
  whole('dIn', dIn, 1, 1 << 20);
  whole('dSae', dSae, 1, 1 << 24);
  whole('k', k, 1, dSae);
  whole('batch', batch, 1, 1 << 24);
  if (auxK !== undefined) whole('auxK', auxK, 0, dSae);
  if (threads !== undefined) whole('threads', threads, 1, 256);
  checkParameters('parameters', options.parameters, dIn, dSae);
  if (!options.optimiser) return;
  whole('optimiser.step', options.optimiser.step, 0, Number.MAX_SAFE_INTEGER);
  checkParameters('optimiser.m', options.optimiser.m, dIn, dSae);
  checkParameters('optimiser.v', options.optimiser.v, dIn, dSae);
}

function checkParameters(name: string, parameters: TopKParameters, dIn: number, dSae: number): void {
  const lengths: Record<keyof TopKParameters, number> = {
    W_enc: dIn * dSae,
    b_enc: dSae,
    W_dec: dIn * dSae,
    b_dec: dIn,
  };
  for (const [field, length] of Object.entries(lengths) as [keyof TopKParameters, number][]) {
    const actual = parameters[field].length;
    if (actual !== length)
      throw new RangeError(`${name}.${field} has ${actual} values, but dIn ${dIn} and dSae ${dSae} need ${length}`);
  }
}
