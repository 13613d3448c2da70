import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a side says, a line of JSON each time: first how long it took to compile, then what it was asked to measure. */
interface Report {
  compileMs?: number;
  /** Milliseconds of each call. */
  times?: number[];
  /** The processor time of all of these. */
  cpuMs?: number;
  /** The most memory that it has used. */
  peakMb: number;
}

/** One side of a comparison: a process of its own, so that sides share neither memory nor threads. */
export interface Side {
  readonly compileMs: number;
  /** Calls for about so many seconds. */
  measure(seconds: number): Promise<{ times: number[]; cpuMs: number; peakMb: number }>;
  end(): void;
}

/**
 * Starts a side and waits until it is prepared. It reads the seconds to measure, a line each, and ends with its input.
 *
 * @throws Error when the process ends instead of answering
 * @example const side = await startSide(process.execPath, ['--import', 'tsx', 'engine-side.ts', 'gpt2']);
 */
export async function startSide(command: string, args: readonly string[]): Promise<Side> {
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
