import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const source = fileURLToPath(new URL('../src/sparse/kernels/topk-step.assembly.ts', import.meta.url));

/** Where the compiled kernels lie, beside their source. */
export const kernelPath = fileURLToPath(new URL('../src/sparse/kernels/topk-step.wasm', import.meta.url));

/** Compiles the kernels with the pinned AssemblyScript. @throws Error with the compiler's messages */
export async function compileKernels(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'kernels-'));
  const outFile = join(folder, 'topk-step.wasm');
  try {
    // The stub runtime and no assertions: the kernels allocate nothing. The host brings a shared memory of its own size.
    const { error, stderr } = await asc.main([
      source,
      '--outFile',
      outFile,
      '--runtime',
      'stub',
      '--noAssert',
      '-O3',
      '--use',
      'abort=',
      '--enable',
      'simd',
      '--enable',
      'threads',
      '--importMemory',
      '--sharedMemory',
      '--initialMemory',
      '1',
      '--maximumMemory',
      '65536',
    ]);
    if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
    return await readFile(outFile);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
