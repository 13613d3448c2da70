import type { Model } from './model.ts';

/** @throws RangeError when a row of `length` tokens does not fit the model's context */
export function checkLength({ id, config }: Model, length: number): void {
  if (!Number.isInteger(length) || length < 1)
    throw new RangeError(`length is ${length}, but must be a whole number of at least 1`);
  if (length > config.contextSize)
    throw new RangeError(`length is ${length}, but ${id} reads at most ${config.contextSize} tokens`);
}

/** @throws RangeError unless ids are whole rows of tokens of the model; an engine would wrap or clamp some of them silently */
export function checkIds({ id, config: { vocabularySize } }: Model, ids: ArrayLike<number>, length: number): void {
  if (ids.length === 0 || ids.length % length !== 0)
    throw new RangeError(`${ids.length} token ids are no rows of ${length}`);
  for (let i = 0; i < ids.length; i++) {
    const token = ids[i]!;
    if (!(token >= 0 && token < vocabularySize))
      throw new RangeError(
        `token id ${token} at position ${i % length} of row ${Math.floor(i / length)}: ${id} has ids 0 to ${vocabularySize - 1}`,
      );
  }
}
