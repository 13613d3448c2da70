import type { Engine, Executable } from '@monosema/engine';
import { compileModel } from '../compile-model.ts';
import type { Model } from '../model.ts';
import { decoderProgram, emptyCache, prefillProgram, type DecoderShape } from './decoder-program.ts';
import { steeringOf } from './options.ts';

/** The programs of one generation. The decoder keeps its cache between runs, and so serves one call at a time. */
export interface Decoder {
  readonly step: Executable;
  /** The program that reads `length` tokens of every row at once. */
  prefill(length: number): Promise<Executable>;
}

/** Decoders that wait for the next call of the same shape: few of them, the last used, and not for long. */
interface Pool {
  readonly idle: Idle[];
}
interface Idle {
  readonly key: string;
  readonly decoder: PooledDecoder;
  readonly timer: NodeJS.Timeout;
}
const kept = ({ weights }: Model): number => {
  const numbers = Object.values(weights).reduce((sum, { data }) => sum + data.length, 0);
  return numbers > 2 ** 26 ? 2 : 8; // each may hold a copy of the weights
};
const keptFor = 60_000; // ms
const pools = new WeakMap<Engine, WeakMap<Model, Pool>>();

/** A decoder of the shape, compiled now or left by an earlier call; a minute unused, or when the engine is closed, it is freed. */
export async function takeDecoder(
  engine: Engine,
  model: Model,
  shape: DecoderShape,
): Promise<{ decoder: Decoder; giveBack(): Promise<void> }> {
  const pool = poolOf(engine, model);
  const key = keyOf(shape);
  const left = take(pool, (idle) => idle.key === key);
  const decoder = left?.decoder ?? (await PooledDecoder.compile(engine, model, shape));
  const giveBack = async (): Promise<void> => {
    const free = (): void => {
      const closed = (): void => undefined; // the engine, and what it held is free already
      take(pool, (idle) => idle.decoder === decoder)
        ?.decoder.dispose()
        .catch(closed);
    };
    pool.idle.push({ key, decoder, timer: setTimeout(free, keptFor).unref() });
    if (pool.idle.length > kept(model)) await take(pool, () => true)!.decoder.dispose();
  };
  return { decoder, giveBack };
}

function take({ idle }: Pool, wanted: (idle: Idle) => boolean): Idle | undefined {
  const at = idle.findIndex(wanted);
  if (at < 0) return undefined;
  const [taken] = idle.splice(at, 1);
  clearTimeout(taken!.timer);
  return taken;
}

function poolOf(engine: Engine, model: Model): Pool {
  const models = pools.get(engine) ?? new WeakMap<Model, Pool>();
  pools.set(engine, models);
  const pool = models.get(model) ?? { idle: [] };
  models.set(model, pool);
  return pool;
}

/** Edits and what they read are compiled in: calls share a decoder when they pass the same objects. */
function keyOf({ slots, greedy, options }: DecoderShape): string {
  const steering = steeringOf(options).map(({ hookPoint, positions = 'all' }) => [hookPoint, positions]);
  const { edits = {}, inputs = {}, weights = {} } = options;
  const own = [edits, inputs, weights].map((record) =>
    Object.entries(record).map(([name, value]) => [name, identity(value)]),
  );
  return JSON.stringify([slots, greedy, steering, own, options.weightsAs]);
}

const identities = new WeakMap<object, number>();
let objects = 0;
function identity(object: object): number {
  const known = identities.get(object) ?? objects++;
  identities.set(object, known);
  return known;
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
    const { weights, weightsAs = 'initialisers' } = shape.options;
    const step = await compileModel(engine, model, decoderProgram(model, shape), { weights, weightsAs, state });
    return new PooledDecoder(engine, model, shape, step);
  }

  async prefill(length: number): Promise<Executable> {
    const known = this.prefills.get(length);
    if (known) return known;
    const program = prefillProgram(this.model, length, this.shape);
    const { weights } = this.shape.options;
    const compiled = await compileModel(this.engine, this.model, program, { weights });
    this.prefills.set(length, compiled);
    return compiled;
  }

  async dispose(): Promise<void> {
    for (const executable of [this.step, ...this.prefills.values()]) await executable.dispose();
  }
}
