import { spawn } from 'node:child_process';

export interface NpmOptions {
  signal: AbortSignal;
  /** Each line that npm or an install script writes. */
  onLine: (line: string) => void;
}

/** npm could not do it; the message is what it says itself, without its log files. */
export class NpmError extends Error {
  override readonly name = 'NpmError';
}

const unreachable = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|FETCH_ERROR)\b/;

/** Runs npm. Errors: {@link NpmError} where it fails, or is not there. */
export function runNpm(args: readonly string[], { signal, onLine }: NpmOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    // On Windows npm is a script, which only a shell runs. The arguments are our own.
    const child = spawn('npm', [...args], {
      signal,
      shell: process.platform === 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const written: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        const lines = `${rest}${text}`.split(/[\r\n]+/);
        rest = lines.pop() ?? '';
        for (const line of lines.filter((line) => line.trim() !== '')) {
          written.push(line);
          onLine(line);
        }
      });
    }
    child.on('error', (error) => reject(signal.aborted ? error : new NpmError(`npm does not start: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new NpmError(explain(written, code)));
    });
  });
}

function explain(lines: readonly string[], code: number | null): string {
  const errors = lines
    .filter((line) => /^npm (error|ERR!)/.test(line) && !/complete log|npm help|^npm error\s*$/i.test(line))
    .map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim());
  if (errors.some((line) => unreachable.test(line))) {
    return 'the npm registry cannot be reached; connect to the network, or name a registry by npm_config_registry';
  }
  return errors.slice(0, 6).join('; ') || `npm ended with exit code ${code}`;
}
