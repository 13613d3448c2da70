import { copyFile, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const sources = fileURLToPath(new URL('../src/sparse/kernels', import.meta.url));

/** Where the compiled kernels lie, beside their source. */
export const kernelPath = join(sources, 'sparse-step.wasm');

// The stub runtime and no assertions: the kernels allocate nothing. The host brings a shared memory of its own size.
const language = [
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
];
const memory = ['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'];

/** Compiles the kernels with the pinned AssemblyScript. @throws Error with the compiler's messages */
export async function compileKernels(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'kernels-'));
  try {
    // The sources end in .as, since no TypeScript tool can read them; the compiler itself wants .ts.
    for (const name of (await readdir(sources)).filter((file) => file.endsWith('.as')))
      await copyFile(join(sources, name), join(folder, name.replace(/\.as$/, '.ts')));
    const outFile = join(folder, 'sparse-step.wasm');
    const { error, stderr } = await asc.main([
      'sparse-step.ts',
      '--baseDir',
      folder,
      '--outFile',
      'sparse-step.wasm',
      ...language,
      ...memory,
    ]);
    if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
    return await readFile(outFile);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
