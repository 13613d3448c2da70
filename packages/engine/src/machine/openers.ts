// How each engine is opened. What cannot be opened here throws an error that says why.
import type { Engine, EngineName } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { openOnnxEngine } from '../onnx/engine.ts';
import { openReferenceEngine } from '../reference/engine.ts';
import { startTfjsThread, tfjsEngine } from '../tfjs/engine.ts';
import type { TfjsEngineName } from '../tfjs/engine.ts';
import { findPackage, optionalPackages } from './optional-package.ts';

export interface OpenerOptions {
  threads?: number;
  /** Where `monosema engines install` puts packages. */
  enginesFolder: string;
}
export interface Opened {
  engine: Engine;
  /** Whether the device is what the engine is for: a software adapter of a graphics API is slower than any other engine. */
  worthwhile: boolean;
}
type Opener = (options: OpenerOptions) => Promise<Opened>;

/** Starts the thread of a TensorFlow.js engine, with the package that it needs. */
export function startTfjs(name: TfjsEngineName, enginesFolder: string): ReturnType<typeof startTfjsThread> {
  const needed = optionalPackages[name];
  const module = needed && findPackage(needed.package, enginesFolder);
  if (needed && module === undefined) {
    throw new EngineError(`${needed.package} is not installed (monosema engines install ${needed.shortName})`);
  }
  return startTfjsThread(name, module);
}

const tfjs =
  (name: TfjsEngineName): Opener =>
  async ({ enginesFolder }) => {
    const { thread, ready } = await startTfjs(name, enginesFolder);
    return { engine: tfjsEngine(name, thread, ready), worthwhile: name === 'tfjs-wasm' || ready.accelerated };
  };

export const openers: Record<EngineName, Opener> = {
  'tfjs-gpu': tfjs('tfjs-gpu'),
  'tfjs-webgpu': tfjs('tfjs-webgpu'),
  'onnx-cpu': async ({ threads }) => ({
    engine: await openOnnxEngine(threads === undefined ? {} : { threads }),
    worthwhile: true,
  }),
  'tfjs-wasm': tfjs('tfjs-wasm'),
  reference: () => Promise.resolve({ engine: openReferenceEngine(), worthwhile: true }),
};
