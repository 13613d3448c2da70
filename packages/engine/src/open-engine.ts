import { engineNames } from './engine.ts';
import type { Engine, EngineName } from './engine.ts';
import { EngineError } from './errors.ts';
import { openOnnxEngine } from './onnx/engine.ts';
import { openReferenceEngine } from './reference/engine.ts';

export interface OpenEngineOptions {
  /** The fastest one by default. */
  engine?: EngineName;
  /** How many cores one operation may use; all by default. */
  threads?: number;
}

const allowed = engineNames.join(', ');

/** The engine that a text names (an environment variable, a flag). Errors: EngineError that lists the engines. */
export function parseEngineName(text: string): EngineName {
  const name = engineNames.find((known) => known === text);
  if (!name) throw new EngineError(`there is no engine '${text}' here; engine must be one of: ${allowed}`);
  return name;
}

/**
 * Opens an engine; close it when done. Errors: EngineError for an unknown name or a library that does not load.
 * @example
 * const engine = await openEngine();
 * const x = op.input('x', [op.batch, 2]);
 * const program = await engine.compile({ inputs: { x }, outputs: { y: op.relu(x) } });
 * const { y } = await program.run({ x: { data: Float32Array.of(-1, 2), shape: [1, 2] } }); // y.data: 0, 2
 * await engine.close();
 */
export async function openEngine({ engine = 'onnx-cpu', threads }: OpenEngineOptions = {}): Promise<Engine> {
  switch (parseEngineName(engine)) {
    case 'reference':
      return openReferenceEngine();
    case 'onnx-cpu':
      try {
        return await openOnnxEngine(threads === undefined ? {} : { threads });
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new EngineError(`engine 'onnx-cpu' cannot be opened: ${reason} (engines: ${allowed})`, { cause: error });
      }
  }
}
