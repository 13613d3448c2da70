import type { Writable } from 'node:stream';

type Stream = Writable & { isTTY?: boolean; columns?: number };

const plainLineEveryMs = 5000;

/**
 * Progress on standard error: a line that rewrites itself on a terminal, a plain line every few seconds elsewhere, so that
 * logs stay readable and standard output holds results only.
 */
export class Progress {
  /** Quick work says nothing. */
  private lastLine = Date.now();
  private shown = false;

  constructor(private readonly stream: Stream = process.stderr) {}

  update(text: string): void {
    if (this.stream.isTTY) {
      const line = text.slice(0, Math.max(10, (this.stream.columns || 80) - 1));
      this.stream.write(`\r\u001b[2K${line}`);
      this.shown = true;
    } else if (Date.now() - this.lastLine >= plainLineEveryMs) {
      this.stream.write(`${text}\n`);
      this.lastLine = Date.now();
    }
  }

  /** A line that stays. */
  line(text: string): void {
    this.clear();
    this.stream.write(`${text}\n`);
  }

  clear(): void {
    if (this.shown) this.stream.write('\r\u001b[2K');
    this.shown = false;
  }
}

/** A bar of `width` cells, as in `█████░░░░░ 50%`. */
export function bar(done: number, total: number, width = 20): string {
  const share = total > 0 ? Math.min(1, done / total) : 1;
  const full = Math.floor(share * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${String(Math.floor(share * 100)).padStart(3)}%`;
}

/** One JSON document per line. */
export function writeJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
