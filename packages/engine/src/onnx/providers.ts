// ONNX Runtime's execution providers: what computes, and what it needs. Looked up before a session asks for it, since what is
// missing would be reported on the terminal by native code.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export const onnxProviders = ['cpu', 'cuda', 'webgpu'] as const;
export type OnnxProvider = (typeof onnxProviders)[number];

/** Why a provider cannot be opened here; null where nothing speaks against it. */
export function missingFor(provider: OnnxProvider): string | null {
  if (provider === 'cuda') return missingCuda();
  return provider === 'webgpu' ? missingVulkan() : null;
}

function missingCuda(): string | null {
  const { platform, arch } = process;
  if (platform !== 'linux' || arch !== 'x64') return 'onnxruntime-node has CUDA for Linux on x64 only';
  const packageFolder = dirname(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')));
  const library = join(packageFolder, 'bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so');
  return existsSync(library)
    ? null
    : "onnxruntime-node's CUDA build is not installed (ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node)";
}

const lazily = 1; // RTLD_LAZY

function missingVulkan(): string | null {
  if (process.platform !== 'linux') return null; // Metal and Direct3D come with the system
  try {
    process.dlopen({ exports: {} }, 'libvulkan.so.1', lazily);
  } catch (error) {
    // A library that is no Node addon is refused too, but then it is there.
    if (String(error).includes('cannot open shared object')) return 'there is no Vulkan driver (libvulkan.so.1)';
  }
  return null;
}
