import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A nameless temporary file of 32-bit words, for what does not fit in memory.
 * Its name is removed as soon as it is open, so that a killed process leaves nothing behind.
 */
export class SpillFile {
  private readonly descriptor: number;
  private end = 0;

  constructor(folder: string = tmpdir()) {
    const own = mkdtempSync(join(folder, 'monosema-spill-'));
    this.descriptor = openSync(join(own, 'pairs'), 'wx+', 0o600);
    rmSync(own, { recursive: true, force: true });
  }

  /** Writes the words at the end; returns the byte offset at which they lie. */
  append(words: Uint32Array): number {
    const offset = this.end;
    for (let written = 0; written < words.byteLength;) {
      written += writeSync(this.descriptor, words, written, words.byteLength - written, offset + written);
    }
    this.end += words.byteLength;
    return offset;
  }

  /** Fills `words` from byte `offset` on. */
  read(offset: number, words: Uint32Array): void {
    for (let done = 0; done < words.byteLength;) {
      const bytes = readSync(this.descriptor, words, done, words.byteLength - done, offset + done);
      if (bytes === 0) throw new Error('the spill file ends early: was the disk full?');
      done += bytes;
    }
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
