import type { DecoderView } from '@monosema/catalog';
import * as op from '@monosema/engine';
import type { Engine } from '@monosema/engine';
import { bestOf } from '../ranking.ts';
import { unitRows } from './unit-rows.ts';

export interface DecoderViewOptions {
  /** Length of the list of nearest features. */
  nearest: number;
  /** Length of the list of largest coordinates. */
  alignment: number;
  /** Heads whose outputs lie side by side in a row, for an SAE of hook_z. */
  heads?: number;
  signal?: AbortSignal;
}

const blockRows = 256;

/**
 * What each decoder row says by itself: its length; its largest coordinates with their share of the sum of all
 * magnitudes (SAEDashboard's neuron alignment); the rows with the largest cosine, found block by block, so that the
 * matrix of all cosines never stands in memory; and the share of each head, which is its part's length over the sum of
 * the lengths of all parts (Neuronpedia's decoder_weights_dist). A row of zeros has nothing near it.
 *
 * @param directions rows of W_dec, [rows, width]
 * @returns one entry per row
 * @example const views = await decoderViews(engine, sae.parameters.W_dec, 768, { nearest: 10, alignment: 3 });
 */
export async function decoderViews(
  engine: Engine,
  directions: Float32Array,
  width: number,
  { nearest, alignment, heads = 0, signal }: DecoderViewOptions,
): Promise<DecoderView[]> {
  const rows = directions.length / width;
  const unit = unitRows(directions, width);
  // One more than is shown: a row is nearest to itself.
  const k = Math.min(rows, nearest + 1);
  const weights = { all: { data: unit, shape: [rows, width] } };
  const executable = await engine.compile(nearestProgram(rows, width, k), { weights });
  try {
    const views: DecoderView[] = [];
    for (let first = 0; first < rows; first += blockRows) {
      signal?.throwIfAborted();
      const count = Math.min(blockRows, rows - first);
      const block = unit.subarray(first * width, (first + count) * width);
      const out = await executable.run({ block: { data: block, shape: [count, width] } });
      const [indices, cosines] = [out['indices']!.data, out['cosines']!.data];
      for (let row = 0; row < count; row++) {
        const direction = directions.subarray((first + row) * width, (first + row + 1) * width);
        const norm = lengthOf(direction);
        const near = Array.from({ length: k }, (_, i) => ({
          index: indices[row * k + i]!,
          cosine: cosines[row * k + i]!,
        }));
        views.push({
          norm,
          alignment: norm > 0 ? alignmentOf(direction, alignment) : [],
          nearest: norm > 0 ? near.filter(({ index }) => index !== first + row).slice(0, nearest) : [],
          headShares: norm > 0 && heads > 0 ? headSharesOf(direction, heads) : [],
        });
      }
    }
    return views;
  } finally {
    await executable.dispose();
  }
}

function nearestProgram(rows: number, width: number, k: number): op.Program {
  const inputs = { block: op.input('block', [op.batch, width]), all: op.input('all', [rows, width]) };
  const near = op.topK(op.matmul(inputs.block, inputs.all, { transposeB: true }), k);
  return { inputs, outputs: { cosines: near.values, indices: near.indices } };
}

function lengthOf(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function alignmentOf(direction: Float32Array, size: number): DecoderView['alignment'] {
  const total = direction.reduce((sum, value) => sum + Math.abs(value), 0);
  const larger = (a: number, b: number): boolean => {
    const [x, y] = [Math.abs(direction[a]!), Math.abs(direction[b]!)];
    return x > y || (x === y && a < b);
  };
  return bestOf(direction.length, size, larger).map((dimension) => {
    const value = direction[dimension]!;
    return { dimension, value, share: Math.abs(value) / total };
  });
}

function headSharesOf(direction: Float32Array, heads: number): number[] {
  const width = direction.length / heads;
  const lengths = Array.from({ length: heads }, (_, head) =>
    lengthOf(direction.subarray(head * width, (head + 1) * width)),
  );
  const total = lengths.reduce((a, b) => a + b, 0);
  return lengths.map((length) => length / total);
}
