import * as op from '@monosema/engine';
import type { Engine, Program } from '@monosema/engine';

/** A chunk has at most this many cosines. */
const CHUNK_NUMBERS = 1 << 22;

export interface MostSimilarOptions {
  engine: Engine;
  /** [count, width], each of norm 1 or 0. */
  rows: Float32Array;
  width: number;
  /** The rows that are asked about. */
  features: Int32Array;
  signal?: AbortSignal;
}

/** The largest product of each row asked about with any other row, [count]; NaN for the rest, and where there is no other. */
export async function mostSimilar({
  engine,
  rows,
  width,
  features,
  signal,
}: MostSimilarOptions): Promise<Float64Array> {
  const count = rows.length / width;
  const found = new Float64Array(count).fill(NaN);
  if (count < 2) return found;
  const weights = { table: { data: rows, shape: [count, width] } };
  const executable = await engine.compile(similarityProgram(count, width), { weights });
  try {
    const perChunk = Math.max(1, Math.floor(CHUNK_NUMBERS / count));
    for (let start = 0; start < features.length; start += perChunk) {
      signal?.throwIfAborted();
      const ids = features.slice(start, start + perChunk);
      const { largest } = await executable.run({ ids: { data: ids, shape: [ids.length] } });
      if (!largest) throw new Error('the similarities are missing');
      ids.forEach((id, i) => (found[id] = largest.data[i]!));
    }
    return found;
  } finally {
    await executable.dispose();
  }
}

/** ids [batch] -> largest [batch] */
function similarityProgram(count: number, width: number): Program {
  const ids = op.input('ids', [op.batch], 'int');
  const table = op.input('table', [count, width]);
  const cosines = op.matmul(op.gatherRows(table, ids), table, { transposeB: true }); // [batch, count]
  const numbers = op.constant(
    Int32Array.from({ length: count }, (_, i) => i),
    [1, count],
  );
  const isSelf = op.equal(numbers, op.reshape(ids, [op.batch, 1]));
  return { inputs: { ids, table }, outputs: { largest: op.max(op.where(isSelf, -2, cosines), [1]) } };
}
