// Weights that an engine holds once for all programs that read them.
import type { ArrayValue, Arrays } from './arrays.ts';
import type { FixedShape } from './dims.ts';
import { EngineError } from './errors.ts';

export interface SharedArray {
  readonly dtype: 'float' | 'int';
  readonly shape: FixedShape;
}

/**
 * Arrays that an engine holds once, as the weights of any number of programs; made by `Engine.shareWeights`.
 * Programs that read them hold on to them: after `dispose` their memory goes when the last of these is disposed.
 */
export class SharedWeights {
  /** What there is, by name. */
  readonly arrays: Readonly<Record<string, SharedArray>>;
  private users = 0;
  private disposed = false;
  private freed: Promise<void> | undefined;

  /** @param owner the engine's own; @param id its name for these arrays; @param free gives the memory back */
  constructor(
    private readonly owner: object,
    readonly id: number,
    arrays: Arrays,
    private readonly free: () => Promise<unknown>,
  ) {
    this.arrays = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, describe(array)]));
  }

  /** For engines: keeps the memory until the returned function is called. Errors: EngineError when disposed or of another engine. */
  retain(owner: object): () => Promise<void> {
    if (owner !== this.owner) throw new EngineError('these weights are shared in another engine');
    if (this.disposed) throw new EngineError('these shared weights are disposed');
    this.users++;
    let released: Promise<void> | undefined;
    return () => {
      if (!released) this.users--;
      return (released ??= this.freeUnused());
    };
  }

  /** Gives the memory back as soon as no program reads it. Calling it again does nothing. */
  async dispose(): Promise<void> {
    this.disposed = true;
    await this.freeUnused();
  }

  private async freeUnused(): Promise<void> {
    if (!this.disposed || this.users > 0) return;
    // The engine may be closed, and with it the memory.
    await (this.freed ??= this.free().then(
      () => undefined,
      () => undefined,
    ));
  }
}

const describe = ({ data, shape }: ArrayValue): SharedArray => ({
  dtype: data instanceof Float32Array ? 'float' : 'int',
  shape: [...shape],
});

/** Retains all shared weights that a program reads; the returned function lets them go. */
export function retainAll(shared: Iterable<SharedWeights>, owner: object): () => Promise<void> {
  const releases: (() => Promise<void>)[] = [];
  const releaseAll = async () => {
    await Promise.all(releases.map((release) => release()));
  };
  try {
    for (const weights of new Set(shared)) releases.push(weights.retain(owner));
  } catch (error) {
    void releaseAll();
    throw error;
  }
  return releaseAll;
}
