// `npx tsx packages/engine/scripts/build-kernels.ts` compiles the AssemblyScript kernels into the .wasm beside their
// source. The .wasm is committed; kernels.test.ts compiles again and compares.
import { writeFile } from 'node:fs/promises';
import { compileKernels, kernelPath } from './compile-kernels.ts';

await writeFile(kernelPath, await compileKernels());
console.log(`wrote ${kernelPath}`);
