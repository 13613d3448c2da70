// Loads TensorFlow.js with one of its backends.
// @ts-check
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { setTensorflowDefaults } from './env.mjs';

/** @import { BackendReady, ThreadData } from './protocol.ts' */
/** @import { Library, Tf } from './kernels.mjs' */
/** @typedef {{ library: Library, ready: BackendReady, release: () => void }} Loaded */

/** @param {ThreadData} data @returns {Promise<Loaded>} */
export async function loadBackend({ backend, module }) {
  switch (backend) {
    case 'wasm':
      return loadWasm();
    case 'webgpu':
      return loadWebgpu(/** @type {string} */ (module));
    case 'tensorflow':
      return loadTensorflow(/** @type {string} */ (module));
  }
}

/** @param {Tf} tf @param {string} name */
async function start(tf, name) {
  tf.enableProdMode(); // no checks of every tensor for NaN, no warnings on standard output
  if (!(await tf.setBackend(name))) throw new Error(`its ${name} backend does not start`);
  await tf.ready();
}

/** @returns {Promise<Loaded>} */
async function loadWasm() {
  const tf = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-backend-wasm');
  await start(tf, 'wasm');
  const description = `TensorFlow.js ${tf.version_core}, WebAssembly, 1 thread`;
  return {
    library: { tf, transposeFirst: true },
    ready: { description, accelerated: false },
    release: () => undefined,
  };
}

/** @param {string} module @returns {Promise<Loaded>} */
async function loadWebgpu(module) {
  const { create, globals } = await import(pathToFileURL(module).href);
  const gpu = create([]);
  // TensorFlow.js looks for these while it loads.
  Object.assign(globalThis, globals);
  const navigator = /** @type {{ gpu?: unknown }} */ (globalThis.navigator ?? {});
  if (globalThis.navigator === undefined) Object.assign(globalThis, { navigator });
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('it finds no graphics adapter (is there a GPU with a Vulkan, Metal or D3D12 driver?)');
  const { vendor, architecture, description: device, isFallbackAdapter } = adapter.info;
  const software = isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe/i.test(`${architecture} ${device}`);
  const tf = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-backend-webgpu');
  tf.env().set('WEBGPU_CPU_FORWARD', false); // everything on the card, small arrays too: one kind of arithmetic
  await start(tf, 'webgpu');
  const name = [device || [vendor, architecture].filter(Boolean).join(' '), software ? '(software)' : ''].join(' ');
  return {
    library: { tf, transposeFirst: false },
    ready: { description: `TensorFlow.js ${tf.version_core}, WebGPU, ${name.trim()}`, accelerated: !software },
    // Dawn keeps the thread alive for as long as the object can be reached.
    release: () => {
      tf.removeBackend('webgpu');
      Reflect.deleteProperty(navigator, 'gpu');
    },
  };
}

/** @param {string} module @returns {Promise<Loaded>} */
async function loadTensorflow(module) {
  const require = createRequire(module);
  // tfjs-node 4.22 calls two functions that Node 23 removed.
  const util = require('node:util');
  util.isNullOrUndefined ??= (/** @type {unknown} */ value) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
  setTensorflowDefaults();
  /** @type {Tf} */
  const tf = require(module);
  await start(tf, 'tensorflow');
  const { isUsingGpuDevice } = /** @type {{ isUsingGpuDevice: boolean }} */ (/** @type {unknown} */ (tf.backend()));
  const device = isUsingGpuDevice ? 'GPU' : 'CPU: it sees no GPU';
  const description = `TensorFlow.js ${tf.version_core}, TensorFlow, ${device}`;
  return {
    library: { tf, transposeFirst: false },
    ready: { description, accelerated: isUsingGpuDevice },
    release: () => undefined,
  };
}
