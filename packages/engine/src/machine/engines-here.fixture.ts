// The engines that tests can run here: those that are always there, and graphics engines where there is something to run them on.
import { existsSync } from 'node:fs';
import { vi } from 'vitest';
import type { EngineName } from '../engine.ts';
import { enginesFolder } from './env.ts';
import { findPackage, optionalPackages } from './optional-package.ts';

const swiftShader = {
  loader: '/usr/lib/chromium/libvulkan.so.1',
  driver: '/usr/lib/chromium/vk_swiftshader_icd.json',
};
const keepLoaded = 0x1002; // RTLD_NOW | RTLD_NODELETE

/** Puts Chromium's software Vulkan where Dawn finds it. Returns why it can't, or null. */
function useSwiftShader(): string | null {
  const missing = Object.values(swiftShader).find((file) => !existsSync(file));
  if (missing !== undefined) return `there is no ${missing} (Debian's package chromium has it)`;
  vi.stubEnv('VK_ICD_FILENAMES', swiftShader.driver);
  try {
    // Dawn asks for libvulkan.so.1 by name: a library of that name which is already loaded will do.
    process.dlopen({ exports: {} }, swiftShader.loader, keepLoaded);
  } catch {
    // It is no Node addon, but now it is loaded.
  }
  return null;
}

// `npm test` brings packages for these tests alone: elsewhere they would change what an engine opened by default says.
const forTests = process.env['MONOSEMA_TEST_ENGINES'];
if (forTests) vi.stubEnv('MONOSEMA_ENGINES', forTests);

/** Why onnx-webgpu is not tested here; null where it is. */
export const noVulkan = useSwiftShader();
/** Why tfjs-webgpu is not tested here; null where it is. */
export const noWebgpu = findPackage(optionalPackages['tfjs-webgpu'], enginesFolder())
  ? noVulkan
  : 'webgpu is not installed (monosema engines install webgpu)';
/** Why tfjs-gpu is not tested here; null where it is. */
export const noTfjsGpu = findPackage(optionalPackages['tfjs-gpu'], enginesFolder())
  ? null
  : '@tensorflow/tfjs-node-gpu is not installed (monosema engines install tfjs-gpu)';

export const tfjsHere: readonly Extract<EngineName, `tfjs-${string}`>[] = [
  'tfjs-wasm',
  ...(noWebgpu === null ? (['tfjs-webgpu'] as const) : []),
  ...(noTfjsGpu === null ? (['tfjs-gpu'] as const) : []),
];
export const enginesHere: readonly EngineName[] = ['onnx-cpu', 'reference', ...tfjsHere];
