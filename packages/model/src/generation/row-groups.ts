import type { Arrays, TracedRecord } from '@monosema/engine';

/** Rows `first` to `last` of arrays whose first axis is the rows; `inputs` of another first axis are whole. */
export function takeRows(arrays: Arrays, inputs: TracedRecord = {}, first: number, last: number): Arrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { data, shape }]) => {
      if (typeof inputs[name]?.shape[0] === 'number' || inputs[name]?.shape.length === 0)
        return [name, { data, shape }];
      const width = data.length / shape[0]!;
      const rows = data.subarray(first * width, last * width);
      return [name, { data: rows, shape: [last - first, ...shape.slice(1)] }];
    }),
  );
}

/** Copies rows into `whole`, from its row `first` on. */
export function putRows(whole: Arrays, rows: Arrays, first: number): void {
  for (const [name, { data, shape }] of Object.entries(rows)) {
    const target = whole[name]!.data as Float32Array;
    target.set(data as Float32Array, (first * data.length) / shape[0]!);
  }
}
