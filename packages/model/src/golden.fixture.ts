import { readFileSync } from 'node:fs';

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8'));

/** karpathy/llama2.c's published greedy text, and a float64 NumPy pass over its checkpoint (MIT). */
export const storiesGolden = fixture('stories260K-golden.json') as {
  expected_greedy_text: string;
  greedy_ids: number[];
  cases: {
    text: string;
    ids: number[];
    last_top10_ids: number[];
    last_top10_logits: number[];
    mean_ce: number;
    resid_post_last_pos_first8: number[][];
  }[];
};

/** The bundled folder as transformers and torch read it: scripts/make-hugging-face-golden.py. */
export const huggingFaceGolden = fixture('hugging-face-golden.json') as {
  tokenized: { text: string; ids: number[] }[];
  stories: { count: number; sha256: string };
  heldOut: { documents: number; tokens: number; loss: number };
  passes: {
    text: string;
    ids: number[];
    lastLogits: number[];
    lastResidPre: number[][];
    lastNormed: number[];
    greedy: number[];
    decoded: string;
  }[];
};

/** The largest difference between two rows of numbers. */
export function largestError(got: ArrayLike<number>, want: ArrayLike<number>): number {
  if (got.length !== want.length) throw new Error(`${got.length} numbers beside ${want.length}`);
  return Array.from(want).reduce((worst, x, i) => Math.max(worst, Object.is(x, got[i]) ? 0 : Math.abs(x - got[i]!)), 0);
}
