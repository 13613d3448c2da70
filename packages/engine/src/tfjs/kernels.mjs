// What each operation is in TensorFlow.js. Every function gets tensors and returns new ones; the caller owns them.
// @ts-check

/** @import { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core' */
/** @import { Operation } from './instructions.ts' */
/** @typedef {typeof import('@tensorflow/tfjs-core')} Tf */
/** @typedef {{ tf: Tf, transposeFirst: boolean }} Library `transposeFirst`: transposed products are slow (wasm) */

/** @param {readonly number[]} shape */
const count = (shape) => shape.reduce((product, size) => product * size, 1);

/**
 * @param {Library} library @param {Operation} op @param {Tensor[]} inputs
 * @param {number[]} shape the output's @param {number} size run-time value of `op.dim`, for sizeOf
 * @returns {Tensor[]}
 */
export function applyOperation(library, op, inputs, shape, size) {
  const { tf } = library;
  const [a, b, c] = /** @type {[Tensor, Tensor, Tensor]} */ (inputs);
  switch (op.kind) {
    case 'neg':
    case 'exp':
    case 'log':
    case 'sqrt':
    case 'tanh':
    case 'sigmoid':
    case 'relu':
    case 'abs':
    case 'erf':
      return [tf[op.kind](a)];
    case 'add':
    case 'sub':
    case 'mul':
    case 'maximum':
    case 'greater':
    case 'greaterEqual':
    case 'equal':
      return [tf[op.kind](a, b)];
    case 'div':
      // tf.div of integers rounds down; everybody else truncates.
      return [
        a.dtype === 'int32' ? tf.cast(tf.div(tf.cast(a, 'float32'), tf.cast(b, 'float32')), 'int32') : tf.div(a, b),
      ];
    case 'where':
      return [tf.where(a, b, c)];
    case 'toFloat':
      return [tf.cast(a, 'float32')];
    case 'toInt':
      return [tf.cast(a, 'int32')];
    case 'argMax':
      return [tf.argMax(a, -1)];
    case 'sizeOf':
      return [tf.scalar(size)];
    case 'matmul':
      return [matmul(library, op, a, b, shape)];
    case 'sum':
    case 'max':
      return [tf[op.kind](a, [...op.axes], op.keepDims)];
    case 'softmax':
      return [tf.softmax(a)];
    case 'logSoftmax':
      return [tf.logSoftmax(a)];
    case 'topK':
      return topK(tf, a, op.k);
    case 'gatherRows':
      return [tf.gather(a, b)];
    case 'scatterAddRows': {
      const width = count(shape.slice(1));
      const ids = tf.reshape(a, [-1, 1]);
      return [
        tf.reshape(tf.scatterND(ids, tf.reshape(b, [-1, width]), [/** @type {number} */ (shape[0]), width]), shape),
      ];
    }
    case 'gatherLast': {
      const places = flatPlaces(tf, b, /** @type {number} */ (a.shape.at(-1)));
      return [tf.reshape(tf.gather(tf.reshape(a, [-1]), places), shape)];
    }
    case 'scatterLast': {
      const places = tf.expandDims(flatPlaces(tf, a, op.size), 1);
      return [tf.reshape(tf.scatterND(places, tf.reshape(b, [-1]), [count(shape)]), shape)];
    }
    default:
      return [structure(tf, op, inputs, shape)];
  }
}

/** @param {Tf} tf @param {Operation} op @param {Tensor[]} inputs @param {number[]} shape @returns {Tensor} */
function structure(tf, op, inputs, shape) {
  const a = /** @type {Tensor} */ (inputs[0]);
  switch (op.kind) {
    case 'reshape':
      return tf.reshape(a, shape);
    case 'transpose':
      return tf.transpose(a, [...op.permutation]);
    case 'broadcast':
      return tf.broadcastTo(a, /** @type {never} */ (shape));
    case 'slice': {
      const begin = shape.map((_, axis) => (axis === op.axis ? op.start : 0));
      return tf.slice(a, begin, shape);
    }
    case 'pad':
      return tf.pad(
        a,
        shape.map((_, axis) => (axis === op.axis ? [op.before, op.after] : [0, 0])),
      );
    case 'concat':
      return tf.concat(inputs, op.axis);
    default:
      throw new Error(`TensorFlow.js has no form for ${op.kind}`);
  }
}

/**
 * tf.matMul wants equal leading axes, and its kernels differ in what else they take: so both become [batch, rows, columns].
 * @param {Library} library @param {{ transposeA: boolean, transposeB: boolean }} op @param {Tensor} left @param {Tensor} right
 * @param {number[]} shape @returns {Tensor}
 */
function matmul({ tf, transposeFirst }, op, left, right, shape) {
  let [a, b] = [left, right];
  let { transposeA, transposeB } = op;
  if (transposeFirst && transposeA) [a, transposeA] = [swapLast(tf, a), false];
  if (transposeFirst && transposeB) [b, transposeB] = [swapLast(tf, b), false];
  if (a.rank === 2 && b.rank === 2) return tf.matMul(a, b, transposeA, transposeB);
  if (b.rank === 2 && !transposeA) {
    // Weights shared by a batch: one large product.
    const rows = tf.reshape(a, [-1, /** @type {number} */ (a.shape.at(-1))]);
    return tf.reshape(tf.matMul(rows, b, false, transposeB), shape);
  }
  const leading = shape.slice(0, -2);
  const batched = (/** @type {Tensor} */ x) => {
    const full = [...leading, ...x.shape.slice(-2)];
    const whole = count(x.shape) === count(full) ? x : tf.broadcastTo(x, /** @type {never} */ (full));
    const [rows, columns] = /** @type {[number, number]} */ (x.shape.slice(-2));
    return /** @type {Tensor3D} */ (tf.reshape(whole, [count(leading), rows, columns]));
  };
  return tf.reshape(tf.matMul(batched(a), batched(b), transposeA, transposeB), shape);
}

/** @param {Tf} tf @param {Tensor} x */
function swapLast(tf, x) {
  const axes = x.shape.map((_, axis) => axis);
  return tf.transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}

/** @param {Tf} tf @param {Tensor} x @param {number} k */
function topK(tf, x, k) {
  const { values, indices } = tf.topk(x, k, true);
  return [values, indices];
}

/**
 * Where entries of the last axis are in the flat array: row * size + index.
 * @param {Tf} tf @param {Tensor} indices @param {number} size @returns {Tensor1D}
 */
function flatPlaces(tf, indices, size) {
  const k = /** @type {number} */ (indices.shape.at(-1));
  const rows = indices.size / k;
  const starts = Int32Array.from({ length: rows }, (_, row) => row * size);
  const places = tf.add(tf.reshape(indices, [rows, k]), tf.tensor2d(starts, [rows, 1], 'int32'));
  return /** @type {Tensor1D} */ (tf.reshape(places, [-1]));
}
