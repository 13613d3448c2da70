import { python, pythonVersion, startSide, type Side } from '@monosema/bench-side';
import { fileURLToPath } from 'node:url';
import type { BenchCase } from './cases.ts';

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export const sideNames = ['kernels', 'program', 'sae-lens', 'sae-lens, bfloat16'] as const;
export type SideName = (typeof sideNames)[number];

/** One side of a case, prepared: ours, or sae-lens's own trainer. */
export function startSideOf(name: SideName, wanted: BenchCase, threads: number): Promise<Side> {
  const args = [JSON.stringify(wanted), String(threads)];
  if (name === 'kernels' || name === 'program')
    return startSide(process.execPath, ['--import', 'tsx', fileOf('our-side.ts'), ...args, name]);
  return startSide(python(), [fileOf('torch/side.py'), ...args, name === 'sae-lens' ? 'float32' : 'bfloat16']);
}

/** The versions of torch and sae-lens, or null where there is no Python with both. */
export const saeLensVersion = (): Promise<string | null> =>
  pythonVersion('import torch, sae_lens; print(f"sae-lens {sae_lens.__version__}, torch {torch.__version__}")');
