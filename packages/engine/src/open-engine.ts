import { engineNames } from './engine.ts';
import type { Engine, EngineName } from './engine.ts';
import { EngineError } from './errors.ts';
import { enginesFolder as defaultFolder } from './machine/env.ts';
import { openers } from './machine/openers.ts';
import type { Opened } from './machine/openers.ts';

export interface OpenEngineOptions {
  /** The fastest one that works by default. */
  engine?: EngineName;
  /** How many cores one operation may use; all by default. TensorFlow.js decides for itself. */
  threads?: number;
  /** Where `monosema engines install` puts packages (default: MONOSEMA_ENGINES, or `engines` in the data folder). */
  enginesFolder?: string;
}

const allowed = engineNames.join(', ');
const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** The engine that a text names (an environment variable, a flag). Errors: EngineError that lists the engines. */
export function parseEngineName(text: string): EngineName {
  const name = engineNames.find((known) => known === text);
  if (!name) throw new EngineError(`there is no engine '${text}' here; engine must be one of: ${allowed}`);
  return name;
}

/**
 * Opens an engine; close it when done. Without a name it tries them in the order of {@link engineNames} and takes the first
 * that runs on the hardware it is for; its `name` and `description` say which. `listEngines` tells why others do not work.
 * Errors: EngineError for an unknown name or a library that does not load.
 * @example
 * const engine = await openEngine();
 * const x = op.input('x', [op.batch, 2]);
 * const program = await engine.compile({ inputs: { x }, outputs: { y: op.relu(x) } });
 * const { y } = await program.run({ x: { data: Float32Array.of(-1, 2), shape: [1, 2] } }); // y.data: 0, 2
 * await engine.close();
 */
export async function openEngine(options: OpenEngineOptions = {}): Promise<Engine> {
  if (options.engine !== undefined) return (await openNamed(parseEngineName(options.engine), options)).engine;
  const failures: string[] = [];
  for (const name of engineNames) {
    try {
      const { engine, worthwhile } = await openNamed(name, options);
      if (worthwhile) return engine;
      await engine.close();
    } catch (error) {
      failures.push(reasonOf(error));
    }
  }
  throw new EngineError(`no engine can be opened: ${failures.join('; ')}`);
}

/** As {@link openEngine} with a name; also says whether the engine is worth choosing by itself. */
export async function openNamed(
  name: EngineName,
  { threads, enginesFolder = defaultFolder() }: OpenEngineOptions,
): Promise<Opened> {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new EngineError(`threads must be 1 or more, got ${threads}`);
  }
  try {
    return await openers[name]({ enginesFolder, ...(threads === undefined ? {} : { threads }) });
  } catch (error) {
    const reason = reasonOf(error);
    throw new EngineError(`engine '${name}' cannot be opened: ${reason} (engines: ${allowed})`, { cause: error });
  }
}
