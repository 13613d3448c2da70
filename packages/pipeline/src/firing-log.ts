import { SpillFile } from './spill-file.ts';

/** Every firing of one feature: where (context × context size + position), ascending, and how strongly. */
export interface Firings {
  places: Uint32Array;
  values: Float32Array;
}

export interface FiringLogOptions {
  /** Features are 0 … features − 1. */
  features: number;
  /** Firings held in memory before they go to a temporary file. Default 128 MiB. */
  memoryBytes?: number;
  /** Folder of that file. Default: the system's. */
  folder?: string;
}

// A firing is three words: feature, value (float32), place.
const wordsPerFiring = 3;
const chunkFirings = 4096;
const mostPartitions = 64;

interface Chunk {
  words: Uint32Array;
  floats: Float32Array;
  used: number;
}

/** Consecutive features whose firings lie together: the unit that is read back and sorted in memory. */
interface Partition {
  chunks: Chunk[];
  spilled: { file: SpillFile; offset: number; words: number }[];
}

/**
 * The firings of all features, written in any order and read back feature by feature, by place.
 *
 * This is what makes dashboards mergeable exactly: whatever the split of contexts over logs, the merged log holds the
 * same set, is read in the same order, and so every statistic (float sums too) comes out the same to the last bit.
 * Memory holds one partition (a 64th of the features) when reading, and at most `memoryBytes` when writing; a firing
 * costs 12 bytes of disk.
 *
 * @example
 * const log = new FiringLog({ features: 1024 });
 * log.append(7, 130, 0.5);
 * for (const { feature, firings } of log.read()) …
 */
export class FiringLog {
  readonly features: number;
  private readonly memoryBytes: number;
  private readonly folder: string | undefined;
  private readonly shift: number;
  private readonly partitions: Partition[];
  private readonly files: SpillFile[] = [];
  private ownFile: SpillFile | null = null;
  private chunksInMemory = 0;

  constructor({ features, memoryBytes = 128 * 2 ** 20, folder }: FiringLogOptions) {
    this.features = features;
    this.memoryBytes = memoryBytes;
    this.folder = folder;
    this.shift = Math.max(0, Math.ceil(Math.log2(features / mostPartitions)));
    const count = Math.ceil(features / 2 ** this.shift);
    this.partitions = Array.from({ length: count }, () => ({ chunks: [], spilled: [] }));
  }

  append(feature: number, place: number, value: number): void {
    const partition = this.partitions[feature >>> this.shift];
    if (!partition) throw new RangeError(`feature ${feature} is not one of ${this.features}`);
    let chunk = partition.chunks[partition.chunks.length - 1];
    if (!chunk || chunk.used === chunk.words.length) chunk = this.addChunk(partition);
    const at = chunk.used;
    chunk.words[at] = feature;
    chunk.floats[at + 1] = value;
    chunk.words[at + 2] = place;
    chunk.used = at + wordsPerFiring;
  }

  /** Takes over everything that `other` holds; `other` is empty afterwards and must not be used. */
  merge(other: FiringLog): void {
    if (other.features !== this.features)
      throw new RangeError(`a log of ${other.features} features cannot join one of ${this.features}`);
    this.partitions.forEach((partition, i) => {
      const taken = other.partitions[i]!;
      // In front, so that the chunk being written stays the last.
      partition.chunks.unshift(...taken.chunks);
      partition.spilled.push(...taken.spilled);
      taken.chunks = [];
      taken.spilled = [];
    });
    this.chunksInMemory += other.chunksInMemory;
    other.chunksInMemory = 0;
    this.files.push(...other.files.splice(0));
    other.ownFile = null;
  }

  /** Every feature in order, also those that never fire. */
  *read(): Generator<{ feature: number; firings: Firings }> {
    const width = 2 ** this.shift;
    for (const [i, partition] of this.partitions.entries()) {
      const first = i * width;
      const count = Math.min(width, this.features - first);
      yield* splitByFeature(this.wordsOf(partition), first, count);
    }
  }

  close(): void {
    for (const partition of this.partitions) {
      partition.chunks = [];
      partition.spilled = [];
    }
    for (const file of this.files.splice(0)) file.close();
    this.ownFile = null;
  }

  private addChunk(partition: Partition): Chunk {
    if ((this.chunksInMemory + 1) * chunkFirings * wordsPerFiring * 4 > this.memoryBytes) this.spill();
    const words = new Uint32Array(chunkFirings * wordsPerFiring);
    const chunk = { words, floats: new Float32Array(words.buffer), used: 0 };
    partition.chunks.push(chunk);
    this.chunksInMemory++;
    return chunk;
  }

  private spill(): void {
    if (!this.ownFile) {
      this.ownFile = new SpillFile(this.folder);
      this.files.push(this.ownFile);
    }
    for (const partition of this.partitions) {
      for (const chunk of partition.chunks) {
        const offset = this.ownFile.append(chunk.words.subarray(0, chunk.used));
        partition.spilled.push({ file: this.ownFile, offset, words: chunk.used });
      }
      partition.chunks = [];
    }
    this.chunksInMemory = 0;
  }

  private wordsOf({ chunks, spilled }: Partition): Uint32Array {
    const total = [...chunks.map((c) => c.used), ...spilled.map((s) => s.words)].reduce((sum, n) => sum + n, 0);
    const words = new Uint32Array(total);
    let at = 0;
    for (const segment of spilled) {
      segment.file.read(segment.offset, words.subarray(at, at + segment.words));
      at += segment.words;
    }
    for (const chunk of chunks) {
      words.set(chunk.words.subarray(0, chunk.used), at);
      at += chunk.used;
    }
    return words;
  }
}

/** A counting sort by feature, then each feature's firings by place. */
function* splitByFeature(
  words: Uint32Array,
  first: number,
  count: number,
): Generator<{ feature: number; firings: Firings }> {
  const starts = new Uint32Array(count + 1);
  for (let i = 0; i < words.length; i += wordsPerFiring) starts[words[i]! - first + 1]!++;
  for (let i = 0; i < count; i++) starts[i + 1]! += starts[i]!;
  const next = starts.slice(0, count);
  // [value, place] per firing: as one little-endian 64-bit number it sorts by place.
  const pairs = new Uint32Array((words.length / wordsPerFiring) * 2);
  for (let i = 0; i < words.length; i += wordsPerFiring) {
    const at = next[words[i]! - first]!++ * 2;
    pairs[at] = words[i + 1]!;
    pairs[at + 1] = words[i + 2]!;
  }
  for (let i = 0; i < count; i++) {
    yield { feature: first + i, firings: sortByPlace(pairs.subarray(starts[i]! * 2, starts[i + 1]! * 2)) };
  }
}

function sortByPlace(pairs: Uint32Array): Firings {
  const length = pairs.length / 2;
  let sorted = true;
  for (let i = 3; i < pairs.length && sorted; i += 2) sorted = pairs[i - 2]! < pairs[i]!;
  if (!sorted) new BigUint64Array(pairs.buffer, pairs.byteOffset, length).sort();
  const bits = new Float32Array(pairs.buffer, pairs.byteOffset, pairs.length);
  const firings = { places: new Uint32Array(length), values: new Float32Array(length) };
  for (let i = 0; i < length; i++) {
    firings.values[i] = bits[2 * i]!;
    firings.places[i] = pairs[2 * i + 1]!;
  }
  return firings;
}
