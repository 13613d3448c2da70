import { emitModel } from '../onnx/emit.ts';
import { outputPrefix } from '../onnx/graph-builder.ts';
import { add, input, matmul, sub } from '../ops/index.ts';
import { planProgram } from '../plan.ts';

/** The encoder's product as an ONNX model, and the name of its output. */
export interface EncoderModel {
  file: Uint8Array<ArrayBuffer>;
  output: string;
}

/**
 * x [batch, width], decoderBias [width], encoder [features, width] (W_enc transposed), encoderBias [features]
 * -> preActivations [batch, features] = (x - decoderBias) encoderᵀ + encoderBias
 */
export function encoderModel(batch: number, width: number, features: number): EncoderModel {
  const inputs = {
    x: input('x', [batch, width]),
    decoderBias: input('decoderBias', [width]),
    encoder: input('encoder', [features, width]),
    encoderBias: input('encoderBias', [features]),
  };
  const product = matmul(sub(inputs.x, inputs.decoderBias), inputs.encoder, { transposeB: true });
  const { file } = emitModel(
    planProgram({ inputs, outputs: { preActivations: add(product, inputs.encoderBias) } }, {}),
  );
  return { file, output: `${outputPrefix}preActivations` };
}
