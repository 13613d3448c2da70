import { createHash, type Hash } from 'node:crypto';
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip as gzipWithCallback } from 'node:zlib';

const gzip = promisify(gzipWithCallback);

/** Lines of a file that wait to be compressed together, and of all files. */
const flushAtBytes = 2 ** 20;
const mostWaitingBytes = 64 * 2 ** 20;

/** A file as a manifest lists it. */
export interface WrittenFile {
  /** Below the folder of the source. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

interface OpenBatch {
  waiting: string[];
  waitingBytes: number;
  bytes: number;
  readonly hash: Hash;
}

/**
 * Compressed files of JSON lines, to which lines may be added in any order: each piece becomes a gzip member of its own at
 * the end of its file, which every reader of gzip takes for one file.
 */
export class BatchFiles {
  readonly #open = new Map<string, OpenBatch>();
  #waitingBytes = 0;

  /** @param folder of the source */
  constructor(readonly folder: string) {}

  async add(path: string, row: unknown): Promise<void> {
    const batch = this.#open.get(path) ?? { waiting: [], waitingBytes: 0, bytes: 0, hash: createHash('sha256') };
    this.#open.set(path, batch);
    const line = `${JSON.stringify(row)}\n`;
    batch.waiting.push(line);
    batch.waitingBytes += line.length;
    this.#waitingBytes += line.length;
    if (batch.waitingBytes >= flushAtBytes) await this.#flush(path, batch);
    else if (this.#waitingBytes >= mostWaitingBytes) await this.#flushAll();
  }

  /** Writes what waits. */
  async finish(): Promise<WrittenFile[]> {
    await this.#flushAll();
    return [...this.#open].map(([path, { bytes, hash }]) => ({ path, bytes, sha256: hash.digest('hex') }));
  }

  async #flushAll(): Promise<void> {
    for (const [path, batch] of this.#open) if (batch.waitingBytes > 0) await this.#flush(path, batch);
  }

  async #flush(path: string, batch: OpenBatch): Promise<void> {
    const packed = await gzip(batch.waiting.join(''), { level: 5 });
    this.#waitingBytes -= batch.waitingBytes;
    batch.waiting = [];
    batch.waitingBytes = 0;
    batch.bytes += packed.length;
    batch.hash.update(packed);
    const file = join(this.folder, path);
    await mkdir(dirname(file), { recursive: true });
    await appendFile(file, packed);
  }
}
