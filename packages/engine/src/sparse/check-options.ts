import type { SparseStepOptions, StepParameters } from './types.ts';

/** @throws RangeError naming the option and what is allowed */
export function checkOptions(options: SparseStepOptions): void {
  const { dIn, dSae, k, batch, auxK, threads, widths, kept = 'sample', beta1 = 0.9, beta2 = 0.999 } = options;
  whole('dIn', dIn, 1, 1 << 20);
  whole('dSae', dSae, 1, 1 << 24);
  whole('batch', batch, 1, 1 << 24);
  if (kept === 'sample') whole('k', k, 1, dSae);
  else if (!(k * batch >= 1 && k <= dSae))
    throw new RangeError(`k is ${k}, but must be from 1 / batch, which is ${1 / batch}, to ${dSae}`);
  if (auxK !== undefined) whole('auxK', auxK, 0, dSae);
  if (threads !== undefined) whole('threads', threads, 1, 256);
  for (const [name, beta] of Object.entries({ beta1, beta2 }))
    if (!(beta >= 0 && beta < 1)) throw new RangeError(`${name} is ${beta}, but must be at least 0 and less than 1`);
  if (options.clipNorm != null && !(options.clipNorm > 0))
    throw new RangeError(`clipNorm is ${options.clipNorm}, but must be positive, or null`);
  if (widths) checkWidths(widths, dSae);
  checkParameters('parameters', options.parameters, dIn, dSae);
  if (!options.optimiser) return;
  whole('optimiser.step', options.optimiser.step, 0, Number.MAX_SAFE_INTEGER);
  checkParameters('optimiser.m', options.optimiser.m, dIn, dSae);
  checkParameters('optimiser.v', options.optimiser.v, dIn, dSae);
}

function whole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`${name} is ${value}, but must be a whole number from ${least} to ${most}`);
}

function checkWidths(widths: readonly number[], dSae: number): void {
  const ascending = widths.every((width, level) => Number.isInteger(width) && width > (widths[level - 1] ?? 0));
  if (!ascending || widths.at(-1) !== dSae)
    throw new RangeError(`widths are ${widths.join(', ')}, but must ascend to d_sae, which is ${dSae}`);
}

function checkParameters(name: string, parameters: StepParameters, dIn: number, dSae: number): void {
  const lengths: Record<keyof StepParameters, number> = {
    W_enc: dIn * dSae,
    b_enc: dSae,
    W_dec: dIn * dSae,
    b_dec: dIn,
  };
  for (const [field, length] of Object.entries(lengths) as [keyof StepParameters, number][]) {
    const actual = parameters[field].length;
    if (actual !== length)
      throw new RangeError(`${name}.${field} has ${actual} values, but dIn ${dIn} and dSae ${dSae} need ${length}`);
  }
}
