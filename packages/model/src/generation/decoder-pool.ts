import type { Engine, Executable } from '@monosema/engine';
import type { Model } from '../model.ts';
import { compileOptions, decoderProgram, emptyCache, prefillProgram, type DecoderShape } from './decoder-program.ts';

/** The programs of one generation. The decoder keeps its cache between runs, and so serves one call at a time. */
export interface Decoder {
  readonly step: Executable;
  /** The program that reads `length` tokens of every row at once. */
  prefill(length: number): Promise<Executable>;
}

/** Decoders that wait for the next call of the same shape; `keep` of them at most, the last used. */
interface Pool {
  readonly idle: { key: string; decoder: PooledDecoder }[];
}
const keep = 8;
const pools = new WeakMap<Engine, WeakMap<Model, Pool>>();

/** Runs `work` with a decoder of the shape, compiled now or left by an earlier call; closing the engine frees them all. */
export async function withDecoder<T>(
  engine: Engine,
  model: Model,
  shape: DecoderShape,
  work: (decoder: Decoder) => Promise<T>,
): Promise<T> {
  const pool = poolOf(engine, model);
  const key = JSON.stringify([shape.slots, shape.hookPoint, shape.greedy]);
  const at = pool.idle.findIndex((idle) => idle.key === key);
  const decoder = at >= 0 ? pool.idle.splice(at, 1)[0]!.decoder : await PooledDecoder.compile(engine, model, shape);
  try {
    return await work(decoder);
  } finally {
    pool.idle.push({ key, decoder });
    if (pool.idle.length > keep) await pool.idle.shift()!.decoder.dispose();
  }
}

function poolOf(engine: Engine, model: Model): Pool {
  const models = pools.get(engine) ?? new WeakMap<Model, Pool>();
  pools.set(engine, models);
  const pool = models.get(model) ?? { idle: [] };
  models.set(model, pool);
  return pool;
}

class PooledDecoder implements Decoder {
  private readonly prefills = new Map<number, Executable>();

  private constructor(
    private readonly engine: Engine,
    private readonly model: Model,
    private readonly shape: DecoderShape,
    readonly step: Executable,
  ) {}

  static async compile(engine: Engine, model: Model, shape: DecoderShape): Promise<PooledDecoder> {
    const state = emptyCache(model, 1, shape.slots);
    const step = await engine.compile(decoderProgram(model, shape), compileOptions(model, state));
    return new PooledDecoder(engine, model, shape, step);
  }

  async prefill(length: number): Promise<Executable> {
    const known = this.prefills.get(length);
    if (known) return known;
    const compiled = await this.engine.compile(
      prefillProgram(this.model, length, this.shape),
      compileOptions(this.model),
    );
    this.prefills.set(length, compiled);
    return compiled;
  }

  async dispose(): Promise<void> {
    for (const executable of [this.step, ...this.prefills.values()]) await executable.dispose();
  }
}
