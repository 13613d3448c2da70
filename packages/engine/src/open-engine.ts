import { engineNames } from './engine.ts';
import type { Engine, EngineName } from './engine.ts';
import { EngineError } from './errors.ts';
import { openNamed, reasonOf } from './machine/openers.ts';
import type { OpenerOptions } from './machine/openers.ts';

export interface OpenEngineOptions extends OpenerOptions {
  /** The fastest one that works by default. */
  engine?: EngineName;
}

const allowed = engineNames.join(', ');

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
export async function openEngine({ engine: wanted, ...options }: OpenEngineOptions = {}): Promise<Engine> {
  if (wanted !== undefined) {
    const name = parseEngineName(wanted);
    try {
      return (await openNamed(name, options)).engine;
    } catch (error) {
      const reason = reasonOf(error);
      throw new EngineError(`engine '${name}' cannot be opened: ${reason} (engines: ${allowed})`, { cause: error });
    }
  }
  const failures: string[] = [];
  for (const name of engineNames) {
    try {
      const { engine, onlyByName } = await openNamed(name, options);
      if (onlyByName === undefined) return engine;
      await engine.close();
    } catch (error) {
      failures.push(`${name}: ${reasonOf(error)}`);
    }
  }
  throw new EngineError(`no engine can be opened; ${failures.join('; ')}`);
}
