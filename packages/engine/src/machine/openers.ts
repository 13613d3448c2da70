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

const tfjs =
  (name: TfjsEngineName): Opener =>
  async ({ enginesFolder }) => {
    const needed = optionalPackages[name];
    const module = needed && findPackage(needed.name, enginesFolder);
    if (needed && module === undefined) {
      const short = name.replace('tfjs-', name === 'tfjs-gpu' ? 'tfjs-' : '');
      throw new EngineError(`${needed.name} is not installed (monosema engines install ${short})`);
    }
    const { thread, ready } = await startTfjsThread(name, module);
    return { engine: tfjsEngine(name, thread, ready), worthwhile: needed === undefined || ready.accelerated };
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
