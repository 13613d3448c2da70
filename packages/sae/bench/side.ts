// One side of a comparison: a process that prepares a case, and then measures it when it is asked to.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BenchCase } from './cases.ts';
import { python } from './env.ts';

/** What a side says: first what it came to and how long that took, then the times (ms) of the steps that it was asked for. */
interface Report {
  compileMs?: number;
  mse?: number;
  times?: number[];
  /** The processor time of all of these. */
  cpuMs?: number;
  /** The most memory that it has used. */
  peakMb: number;
}
export interface Side {
  measure(seconds: number): Promise<{ times: number[]; cpuMs: number; peakMb: number }>;
  end(): void;
}

async function start(command: string, args: string[]): Promise<Side> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`${command} ${args.join(' ')} ended with code ${code}`)));
  });
  failed.catch(() => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Report> => {
    const { value } = await Promise.race([lines.next(), failed]);
    return JSON.parse(String(value)) as Report;
  };
  await next();
  return {
    async measure(seconds) {
      child.stdin.write(`${seconds}\n`);
      const { times = [], cpuMs = NaN, peakMb } = await next();
      return { times, cpuMs, peakMb };
    },
    end: () => child.stdin.end(),
  };
}

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export const sideNames = ['kernels', 'program', 'sae-lens', 'sae-lens, bfloat16'] as const;
export type SideName = (typeof sideNames)[number];

export function startSide(name: SideName, wanted: BenchCase, threads: number): Promise<Side> {
  const args = [JSON.stringify(wanted), String(threads)];
  if (name === 'kernels' || name === 'program')
    return start(process.execPath, ['--import', 'tsx', fileOf('our-side.ts'), ...args, name]);
  return start(python(), [fileOf('torch/side.py'), ...args, name === 'sae-lens' ? 'float32' : 'bfloat16']);
}

/** The versions of torch and sae-lens, or null where there is no Python with both. */
export async function saeLensVersion(): Promise<string | null> {
  const script = 'import torch, sae_lens; print(f"sae-lens {sae_lens.__version__}, torch {torch.__version__}")';
  const child = spawn(python(), ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  return code === 0 ? output.trim().split('\n').at(-1)! : null;
}
