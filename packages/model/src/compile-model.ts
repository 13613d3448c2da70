import type { Arrays, CompileOptions, Engine, Executable, Program, SharedWeights } from '@monosema/engine';
import type { Model } from './model.ts';

/** A model's weights in an engine, and how many programs read them. */
interface Holding {
  readonly shared: Promise<SharedWeights>;
  users: number;
}
const holdings = new WeakMap<Engine, WeakMap<Model, Holding>>();

export interface CompileModelOptions extends Pick<CompileOptions, 'state' | 'weightsAs'> {
  /** Of the program's inputs that are not the model's: an SAE's parameters. */
  weights?: Arrays;
}

/**
 * Compiles a program that reads a model's weights. All programs of a model in an engine (taps at other layers, edits,
 * gradients, decoding) share one copy, which goes when the last of them is disposed.
 *
 * @throws as `Engine.compile`
 * @example
 * const program = { inputs: { ids, ...model.parameters }, outputs: { logits: model.trace(ids) } };
 * const executable = await compileModel(engine, model, program);
 */
export async function compileModel(
  engine: Engine,
  model: Model,
  program: Program,
  { weights = {}, ...options }: CompileModelOptions = {},
): Promise<Executable> {
  const holding = holdingOf(engine, model);
  holding.users++;
  try {
    const shared = await holding.shared;
    const executable = await engine.compile(program, { ...options, weights: [shared, weights] });
    let disposed: Promise<void> | undefined;
    return {
      run: (feeds) => executable.run(feeds),
      readState: () => executable.readState(),
      writeState: (state) => executable.writeState(state),
      dispose: () => (disposed ??= executable.dispose().then(() => release(engine, model, holding))),
    };
  } catch (error) {
    await release(engine, model, holding);
    throw error;
  }
}

function holdingOf(engine: Engine, model: Model): Holding {
  const ofEngine = holdings.get(engine) ?? new WeakMap<Model, Holding>();
  holdings.set(engine, ofEngine);
  const holding = ofEngine.get(model) ?? { shared: engine.shareWeights(model.weights), users: 0 };
  ofEngine.set(model, holding);
  return holding;
}

async function release(engine: Engine, model: Model, holding: Holding): Promise<void> {
  if (--holding.users > 0) return;
  holdings.get(engine)?.delete(model);
  const shared = await holding.shared.catch(() => null); // who asked for it has had the error
  await shared?.dispose();
}
