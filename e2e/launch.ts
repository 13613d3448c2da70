import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './free-port.ts';

const root = path.resolve(import.meta.dirname, '..');

/** `npm start` as a new user runs it, in a data folder of its own; no connection of its processes may leave this machine. */
export class Launch {
  private child: ChildProcess | null = null;
  output = '';

  private constructor(
    readonly port: number,
    readonly data: string,
  ) {}

  static async create(): Promise<Launch> {
    const data = mkdtempSync(path.join(tmpdir(), 'monosema-e2e-'));
    chmodSync(data, 0o755);
    return new Launch(await freePort(), data);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Runs `npm start` and resolves when the web answers. */
  async start(args: readonly string[] = []): Promise<void> {
    this.output = '';
    const child = spawn('npm', ['start', '--silent', '--', '--port', String(this.port), '--data', this.data, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: {
        ...withoutNpm(process.env),
        NODE_OPTIONS: `--import=${path.join(import.meta.dirname, 'refuse-outgoing.mjs')}`,
        MONOSEMA_OUTGOING: this.outgoingFile,
      },
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    await this.waitFor(async () => {
      if (child.exitCode !== null) throw new Error(`npm start ended:\n${this.output}`);
      return (await fetch(`${this.url}/api/health`).catch(() => null))?.ok === true;
    }, 'the web to answer');
  }

  /** Resolves with the first match of `pattern` in what the terminal shows. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    let match: RegExpExecArray | null = null;
    await this.waitFor(() => Promise.resolve((match = pattern.exec(this.output)) !== null), String(pattern));
    return match!;
  }

  /** Ctrl-C in the terminal; resolves when `npm start` has ended. */
  async interrupt(): Promise<void> {
    await this.end('SIGINT', -1);
  }

  /** SIGKILL to the launcher alone: its children must notice by themselves. */
  async kill(): Promise<void> {
    const lock = JSON.parse(readFileSync(path.join(this.data, 'launch.json'), 'utf8')) as { pid: number };
    process.kill(lock.pid, 'SIGKILL');
    await this.waitFor(() => Promise.resolve(this.child?.exitCode !== null || this.child.signalCode !== null), 'npm to end');
  }

  /** Processes that still belong to this launch: their command line or environment names its data folder. */
  processes(): string[] {
    const own = new Set([String(process.pid)]);
    return execFileSync('ls', ['/proc'], { encoding: 'utf8' })
      .split('\n')
      .filter((entry) => /^\d+$/.test(entry) && !own.has(entry))
      .filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(this.data) || readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(this.data);
        } catch {
          return false; // it ended meanwhile, or is not ours to read
        }
      })
      .map((pid) => `${pid} ${safeCommandLine(pid)}`);
  }

  outgoing(): string {
    return existsSync(this.outgoingFile) ? readFileSync(this.outgoingFile, 'utf8') : '';
  }

  async dispose(): Promise<void> {
    if (this.child && this.child.exitCode === null && this.child.signalCode === null) await this.interrupt();
    rmSync(this.data, { recursive: true, force: true });
  }

  async waitFor(condition: () => Promise<boolean>, what: string, milliseconds = 300_000): Promise<void> {
    const deadline = Date.now() + milliseconds;
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error(`waited in vain for ${what}; the terminal shows:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  private get outgoingFile(): string {
    return `${this.data}.outgoing`;
  }

  private async end(signal: NodeJS.Signals, sign: 1 | -1): Promise<void> {
    const { child } = this;
    if (!child?.pid) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    process.kill(sign * child.pid, signal);
    await ended;
  }
}

function safeCommandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').slice(0, 200);
  } catch {
    return '';
  }
}

function withoutNpm(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !name.startsWith('npm_') && !name.startsWith('MONOSEMA_'));
  return Object.fromEntries(kept) as NodeJS.ProcessEnv;
}
