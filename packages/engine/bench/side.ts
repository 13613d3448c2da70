// One side of a comparison: a process that prepares a case, and then measures it when it is asked to.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { python } from './env.ts';

/** What a side says: first how long it took to compile, then the times (ms) of the calls that it was asked to measure. */
interface Report {
  compileMs?: number;
  times?: number[];
  /** The processor time of all of these. */
  cpuMs?: number;
  /** The most memory that it has used. */
  peakMb: number;
}
export interface Side {
  compileMs: number;
  measure(seconds: number): Promise<Required<Omit<Report, 'compileMs'>>>;
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
  const { compileMs = NaN } = await next();
  return {
    compileMs,
    async measure(seconds) {
      child.stdin.write(`${seconds}\n`);
      const { times = [], cpuMs = NaN, peakMb } = await next();
      return { times, cpuMs, peakMb };
    },
    end: () => child.stdin.end(),
  };
}

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
export const startEngine = (engine: string, name: string, threads: number): Promise<Side> =>
  start(process.execPath, ['--import', 'tsx', fileOf('engine-side.ts'), name, String(threads), engine]);
export const startTorch = (name: string, threads: number): Promise<Side> =>
  start(python(), [fileOf('torch/side.py'), name, String(threads)]);

/** torch's version, or null where there is no Python with torch. */
export async function torchVersion(): Promise<string | null> {
  const child = spawn(python(), ['-c', 'import torch; print(torch.__version__)'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  return code === 0 ? output.trim() : null;
}
