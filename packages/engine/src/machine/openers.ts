// How each engine is opened. What cannot be opened here throws an error that says why.
import type { Engine, EngineName } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { openOnnxEngine } from '../onnx/engine.ts';
import type { OnnxProvider } from '../onnx/providers.ts';
import { openReferenceEngine } from '../reference/engine.ts';
import { startTfjsThread, tfjsEngine } from '../tfjs/engine.ts';
import type { TfjsEngineName } from '../tfjs/engine.ts';
import { enginesFolder as defaultFolder } from './env.ts';
import { findPackage, optionalPackages } from './optional-package.ts';

export interface OpenerOptions {
  /** How many cores one operation may use; all by default. TensorFlow.js decides for itself. */
  threads?: number;
  /** ONNX Runtime: idle threads wait in a loop, which is faster where nothing else needs the cores. False by default. */
  spinning?: boolean;
  /** Where `monosema engines install` puts packages (default: MONOSEMA_ENGINES, or `engines` in the data folder). */
  enginesFolder?: string;
}
export interface Opened {
  engine: Engine;
  /** Why this engine is never chosen by itself here: without the hardware it is for, others are faster. */
  onlyByName?: string;
}

/** Opens an engine by name, whatever it runs on. Errors: the plain reason why it does not open. */
export async function openNamed(name: EngineName, options: OpenerOptions): Promise<Opened> {
  const { threads } = options;
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new EngineError(`threads must be 1 or more, got ${threads}`);
  }
  return openers[name](options);
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Starts the thread of a TensorFlow.js engine, with the package that it needs. */
export function startTfjs(name: TfjsEngineName, enginesFolder = defaultFolder()): ReturnType<typeof startTfjsThread> {
  const needed = name === 'tfjs-wasm' ? undefined : optionalPackages[name];
  const module = needed && findPackage(needed, enginesFolder);
  if (needed && module === undefined) {
    throw new EngineError(`${needed.package} is not installed (monosema engines install ${needed.shortName})`);
  }
  return startTfjsThread(name, module);
}

const tfjs =
  (name: TfjsEngineName) =>
  async ({ enginesFolder }: OpenerOptions): Promise<Opened> => {
    const { thread, ready } = await startTfjs(name, enginesFolder);
    const engine = tfjsEngine(name, thread, ready);
    if (name === 'tfjs-wasm' || ready.accelerated) return { engine };
    return { engine, onlyByName: 'it found no graphics card, and computes on the processor' };
  };

const onnx =
  (provider: OnnxProvider, onlyByName?: string) =>
  async ({ threads, spinning }: OpenerOptions): Promise<Opened> => {
    const engine = await openOnnxEngine({ threads, spinning, provider });
    return onlyByName === undefined ? { engine } : { engine, onlyByName };
  };

const openers: Record<EngineName, (options: OpenerOptions) => Promise<Opened>> = {
  'tfjs-gpu': tfjs('tfjs-gpu'),
  'tfjs-webgpu': tfjs('tfjs-webgpu'),
  'onnx-cuda': onnx('cuda'),
  'onnx-webgpu': onnx('webgpu', 'how fast it is on graphics cards has not been measured'),
  'onnx-cpu': onnx('cpu'),
  'tfjs-wasm': tfjs('tfjs-wasm'),
  reference: () => Promise.resolve({ engine: openReferenceEngine() }),
};
