import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import path from 'node:path';
import { childEnvironment } from './env.ts';

export interface ProcessSpec {
  name: string;
  command: readonly string[];
  cwd: string;
  env: Record<string, string | undefined>;
}

const stopGrace = 10_000;
const restartDelays = [500, 2000, 5000, 15_000];

/**
 * The child processes of a launch: each logs to a file of its own, is started again when it dies,
 * and holds a channel to this process, so that it ends when this process does, however that ends.
 */
export class Processes {
  private readonly running = new Map<string, ChildProcess>();
  private stopping = false;

  constructor(
    private readonly logFolder: string,
    private readonly report: (message: string) => void,
  ) {}

  logFile(name: string): string {
    return path.join(this.logFolder, `${name}.log`);
  }

  start(spec: ProcessSpec): void {
    const log = createWriteStream(this.logFile(spec.name), { flags: 'a' });
    this.spawn(spec, log, 0);
  }

  /** Asks every child to end, and kills those that have not within ten seconds. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.running.values()].map((child) => end(child)));
  }

  private spawn(spec: ProcessSpec, log: WriteStream, failures: number): void {
    const [program = process.execPath, ...args] = spec.command;
    const startedAt = Date.now();
    const child = spawn(program, args, {
      cwd: spec.cwd,
      env: childEnvironment(spec.env),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Its own group: Ctrl-C in a terminal reaches this process only, which then stops the others in order.
      detached: true,
    });
    this.running.set(spec.name, child);
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    child.once('error', (error) => log.write(`${error.message}\n`));
    child.once('exit', (code, signal) => {
      this.running.delete(spec.name);
      if (this.stopping) return;
      const lived = Date.now() - startedAt;
      const count = lived > 60_000 ? 0 : failures;
      const delay = restartDelays[Math.min(count, restartDelays.length - 1)] ?? 0;
      this.report(`${spec.name} ended (${signal ?? `exit ${code}`}); starting it again. Its log: ${this.logFile(spec.name)}`);
      setTimeout(() => {
        if (!this.stopping) this.spawn(spec, log, count + 1);
      }, delay);
    });
  }
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), stopGrace);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
