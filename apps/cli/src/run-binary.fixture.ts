import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { main } from './main.ts';

const binary = fileURLToPath(new URL('../bin/monosema.mjs', import.meta.url));

export interface BinaryResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  input?: string;
  /** Sends Ctrl-C once standard output or error holds this. */
  interruptAt?: RegExp;
  /** Closes the reading end of standard output at once, as `| true` does. */
  closeOutput?: boolean;
}

/** Runs the command as a person would, in a process of its own. */
export function monosema(
  args: readonly string[],
  { input, interruptAt, closeOutput }: RunOptions = {},
): Promise<BinaryResult> {
  const child = spawn(process.execPath, [binary, ...args]);
  const result = { stdout: '', stderr: '' };
  let interrupted = false;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      result[name] += text;
      if (interrupted || !interruptAt?.test(result[name])) return;
      interrupted = true;
      child.kill('SIGINT');
    });
  }
  if (closeOutput) child.stdout.destroy();
  child.stdin.end(input ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, ...result }));
  });
}

/** The command line in this process, which spares the second that a start takes. */
export async function monosemaHere(args: readonly string[]): Promise<BinaryResult> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  try {
    return { code: await main(args), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
