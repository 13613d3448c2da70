import { spawn } from 'node:child_process';
import { python } from './env.ts';

/**
 * The last line that a script prints, or null where there is no Python that can run it.
 * @example await pythonVersion('import torch; print(torch.__version__)') // "2.13.0+cpu"
 */
export async function pythonVersion(script: string): Promise<string | null> {
  const child = spawn(python(), ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  return code === 0 ? output.trim().split('\n').at(-1)! : null;
}
