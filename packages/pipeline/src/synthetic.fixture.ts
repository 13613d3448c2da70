import type { SparseRows } from '@monosema/sae';

/** A small, seeded generator (mulberry32), so that a failing case can be run again. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface SyntheticText {
  contexts: Int32Array[];
  active: SparseRows[];
}

/** Random contexts (token 1 first, as a BOS) with random sparse activations; every third value is a round one, to make ties. */
export function syntheticText(options: {
  seed: number;
  contexts: number;
  contextSize: number;
  dSae: number;
  vocabulary: number;
  fill: number;
}): SyntheticText {
  const random = randomNumbers(options.seed);
  const pick = (below: number): number => Math.floor(random() * below);
  const contexts = Array.from({ length: options.contexts }, () => {
    const ids = Int32Array.from({ length: options.contextSize }, () => 2 + pick(options.vocabulary - 2));
    ids[0] = 1;
    return ids;
  });
  const active = contexts.map(() => {
    const rows = Array.from({ length: options.contextSize }, () =>
      Array.from({ length: options.dSae }, (_, feature) => feature)
        // Feature 0 is dead, later features fire more often.
        .filter((feature) => feature > 0 && random() < (options.fill * feature) / options.dSae)
        .map((feature) => [feature, random() < 1 / 3 ? 1 + pick(3) : Math.fround(10 ** (4 * random() - 3))] as const),
    );
    return sparseRows(rows);
  });
  return { contexts, active };
}

/** Rows of [feature, activation] pairs as one sparse array. */
export function sparseRows(rows: readonly (readonly (readonly [number, number])[])[]): SparseRows {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => (offsets[i + 1] = offsets[i]! + row.length));
  const flat = rows.flat();
  return {
    rows: rows.length,
    offsets,
    indices: Int32Array.from(flat, ([feature]) => feature),
    values: Float32Array.from(flat, ([, value]) => value),
  };
}
