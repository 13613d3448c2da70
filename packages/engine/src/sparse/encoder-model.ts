import { createRequire } from 'node:module';

// onnx-proto is CommonJS; require() gives its namespace the same way in Node, tsx and vitest.
const { onnx } = createRequire(import.meta.url)('onnx-proto') as typeof import('onnx-proto');

const float = 1;
const valueInfo = (name: string, shape: readonly number[]) => ({
  name,
  type: { tensorType: { elemType: float, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
});

/**
 * The ONNX model of the encoder: x [batch, width], bias b_dec [width], encoder [features, width] (W_enc transposed),
 * encoderBias [features] -> preActivations [batch, features] = (x - b_dec) encoderᵀ + encoderBias.
 */
export function encoderModel(batch: number, width: number, features: number): Uint8Array {
  const graph = {
    name: 'encoder',
    node: [
      { opType: 'Sub', input: ['x', 'decoderBias'], output: ['centred'] },
      {
        opType: 'Gemm',
        input: ['centred', 'encoder', 'encoderBias'],
        output: ['preActivations'],
        attribute: [{ name: 'transB', type: 2, i: 1 }],
      },
    ],
    input: [
      valueInfo('x', [batch, width]),
      valueInfo('decoderBias', [width]),
      valueInfo('encoder', [features, width]),
      valueInfo('encoderBias', [features]),
    ],
    output: [valueInfo('preActivations', [batch, features])],
  };
  const model = onnx.ModelProto.create({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph });
  return onnx.ModelProto.encode(model).finish();
}
