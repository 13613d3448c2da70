/** What a torch file may ask of us: far above any real checkpoint, and little enough to be held. */
export const torchLimits = {
  /** Bytes of pickled structure; the numbers of tensors are not in it. */
  pickleBytes: 64 * 2 ** 20,
  /** Values in the result, counted once for every place that holds them. */
  values: 2_000_000,
  /** Levels of lists and dicts in each other. */
  depth: 100,
  rank: 8,
  /** Numbers of a tensor that repeats those of a smaller storage, as `expand` does. */
  repeatedNumbers: 2 ** 22,
  /** Bytes of one whole number. */
  integerBytes: 64,
} as const;
