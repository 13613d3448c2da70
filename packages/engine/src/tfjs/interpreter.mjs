// Runs the instructions of a program; every value is freed after its last reader.
// @ts-check
import { applyOperation } from './kernels.mjs';

/** @import { Tensor } from '@tensorflow/tfjs-core' */
/** @import { Instruction, LoweredProgram, WireDim } from './instructions.ts' */
/** @import { Library } from './kernels.mjs' */

/** @param {WireDim} dim @param {Record<string, number>} sizes */
const sizeOf = (dim, sizes) => (typeof dim === 'number' ? dim : dim.factor * /** @type {number} */ (sizes[dim.symbol]));

/**
 * The outputs of a program by name: new tensors, which the caller owns.
 * @param {Library} library
 * @param {LoweredProgram} program
 * @param {Map<number, Tensor>} given values of inputs and constants; they stay the caller's
 * @param {Record<string, number>} sizes values of the symbols
 */
export async function interpret(library, program, given, sizes) {
  /** @type {Map<number, Tensor>} what this run made and must free */
  const made = new Map();
  const read = (/** @type {number} */ register) => /** @type {Tensor} */ (made.get(register) ?? given.get(register));
  try {
    for (const { op, inputs, outputs, shape, lastReads } of program.instructions) {
      const operands = inputs.map(read);
      if (op.kind === 'checkIndices') {
        await checkIndices(op.what, /** @type {Tensor} */ (operands[0]), sizeOf(op.size, sizes));
      } else {
        const fixed = shape.map((dim) => sizeOf(dim, sizes));
        const value = op.kind === 'sizeOf' ? sizeOf(op.dim, sizes) : 0;
        // The scope frees what an operation makes in between.
        const results = library.tf.tidy(() => applyOperation(library, op, operands, fixed, value));
        outputs.forEach((register, i) => made.set(register, /** @type {Tensor} */ (results[i])));
      }
      for (const register of lastReads) {
        made.get(register)?.dispose();
        made.delete(register);
      }
    }
    return new Map(program.outputs.map(({ name, register }) => [name, read(register).clone()]));
  } finally {
    for (const tensor of made.values()) tensor.dispose();
  }
}

/** @param {string} what @param {Tensor} indices @param {number} size */
async function checkIndices(what, indices, size) {
  const wrong = (await indices.data()).find((index) => index < 0 || index >= size);
  if (wrong !== undefined) throw new RangeError(`${what}: index ${wrong} is not in 0 to ${size - 1}`);
}
