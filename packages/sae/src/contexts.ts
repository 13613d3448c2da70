/**
 * Checks rows of token ids.
 * @throws RangeError naming the list, row and position, and what is allowed
 */
export function checkContexts(
  name: string,
  contexts: readonly Int32Array[],
  length: number,
  vocabularySize: number,
): void {
  if (contexts.length === 0)
    throw new RangeError(`${name} is empty: at least one context of ${length} tokens is needed`);
  contexts.forEach((context, row) => {
    if (context.length !== length)
      throw new RangeError(`${name}[${row}] has ${context.length} tokens, but contexts have ${length}`);
    const wrong = context.findIndex((id) => id < 0 || id >= vocabularySize);
    if (wrong >= 0)
      throw new RangeError(
        `${name}[${row}][${wrong}] is token ${context[wrong]}, but ids run from 0 to ${vocabularySize - 1}`,
      );
  });
}

/** Contexts one after the other, [contexts * length]. */
export function concatContexts(contexts: readonly Int32Array[]): Int32Array {
  const length = contexts[0]?.length ?? 0;
  const ids = new Int32Array(contexts.length * length);
  contexts.forEach((context, row) => ids.set(context, row * length));
  return ids;
}

/** How many tokens of a context are not in `excluded`. */
export function countUsable(context: Int32Array, excluded: ReadonlySet<number>): number {
  let count = 0;
  for (const id of context) if (!excluded.has(id)) count++;
  return count;
}

/** Rows [tokens, width] of the tokens that are not in `excluded`. */
export function usableRows(
  ids: Int32Array,
  activations: Float32Array,
  width: number,
  excluded: ReadonlySet<number>,
): Float32Array {
  const out = new Float32Array(countUsable(ids, excluded) * width);
  let row = 0;
  ids.forEach((id, token) => {
    if (!excluded.has(id)) out.set(activations.subarray(token * width, (token + 1) * width), width * row++);
  });
  return out;
}

/** At most `tokens` tokens of the contexts, taken evenly from all of them; at least one context. */
export const spread = (contexts: readonly Int32Array[], tokens: number): Int32Array[] =>
  Array.from(spreadPlaces(contexts.length, contexts[0]?.length ?? 1, tokens), (place) => contexts[place]!);

/** The places of those among `count` contexts of `length` tokens. */
export function spreadPlaces(count: number, length: number, tokens: number): Int32Array {
  const kept = Math.min(count, Math.max(1, Math.floor(tokens / length)));
  return Int32Array.from({ length: kept }, (_, i) => Math.floor((i * count) / kept));
}
