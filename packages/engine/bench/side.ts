import { python, pythonVersion, startSide, type Side } from '@monosema/bench-side';
import { fileURLToPath } from 'node:url';

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export const startEngine = (engine: string, name: string, threads: number): Promise<Side> =>
  startSide(process.execPath, ['--import', 'tsx', fileOf('engine-side.ts'), name, String(threads), engine]);

export const startTorch = (name: string, threads: number): Promise<Side> =>
  startSide(python(), [fileOf('torch/side.py'), name, String(threads)]);

/** torch's version, or null where there is no Python with torch. */
export const torchVersion = (): Promise<string | null> => pythonVersion('import torch; print(torch.__version__)');
