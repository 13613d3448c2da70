/** A line of progress that redraws itself on a terminal and becomes sparse plain lines elsewhere. */
export class Progress {
  private shown = '';
  private lastPlain = { label: '', quarter: -1 };

  constructor(private readonly out: NodeJS.WriteStream = process.stdout) {}

  /** @param fraction 0 to 1, or null when the total is unknown */
  update(label: string, fraction: number | null, detail = ''): void {
    const percent = fraction === null ? '' : ` ${String(Math.floor(fraction * 100)).padStart(3)} %`;
    if (this.out.isTTY) {
      this.draw(`  ${label.padEnd(18)} ${bar(fraction)}${percent} ${detail}`.slice(0, (this.out.columns || 100) - 1));
      return;
    }
    const quarter = fraction === null ? 0 : Math.floor(fraction * 4);
    if (label === this.lastPlain.label && quarter <= this.lastPlain.quarter) return;
    this.lastPlain = { label, quarter };
    this.out.write(`  ${label}${percent}${detail ? ` ${detail}` : ''}\n`);
  }

  /** Writes a lasting line above the progress. */
  print(line: string): void {
    const { shown } = this;
    this.clear();
    this.out.write(`${line}\n`);
    if (shown && this.out.isTTY) this.draw(shown);
  }

  clear(): void {
    if (this.shown) this.out.write('\r\x1b[2K');
    this.shown = '';
  }

  private draw(line: string): void {
    this.out.write(`\r\x1b[2K${line}`);
    this.shown = line;
  }
}

function bar(fraction: number | null, width = 24): string {
  if (fraction === null) return '·'.repeat(width);
  const full = Math.max(0, Math.min(width, Math.round(fraction * width)));
  return '█'.repeat(full) + '░'.repeat(width - full);
}

/** Seconds as a person reads them. */
export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
