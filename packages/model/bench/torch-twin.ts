import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** How long something took, and how much of the processors' time, in seconds. */
export interface Spent {
  readonly wall: number;
  readonly processor: number;
}

/** The same computation in torch, in a process of its own that does one measurement at a time. */
export interface TorchTwin {
  readonly description: string;
  /** Does the measurement once. */
  measure(name: string): Promise<Spent>;
  /** The most bytes that it has held. */
  peakMemory(): Promise<number>;
  close(): Promise<void>;
}

/** Starts it with a Python that has torch; null where there is none. */
export async function openTorchTwin(python: string, threads: number): Promise<TorchTwin | null> {
  const script = fileURLToPath(new URL('torch/gpt2.py', import.meta.url));
  const child = spawn(python, [script, String(threads)], { stdio: ['pipe', 'pipe', 'ignore'] });
  const closed = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  child.stdin.on('error', () => undefined); // it has ended: reading says so
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<string | null> => {
    const next = await Promise.race([lines.next(), closed]);
    return next && !next.done ? next.value : null;
  };
  const description = await read();
  if (description === null) return null;
  const ask = async (question: string): Promise<number[]> => {
    if (!child.stdin.write(`${question}\n`)) await once(child.stdin, 'drain');
    const answer = await read();
    if (answer === null) throw new Error(`torch ended at "${question}"`);
    return answer.split(' ').map(Number);
  };
  return {
    description,
    async measure(name) {
      const [wall, processor] = await ask(name);
      return { wall: wall!, processor: processor! };
    },
    peakMemory: async () => (await ask('memory'))[0]!,
    async close() {
      child.stdin.end();
      await closed;
    },
  };
}
