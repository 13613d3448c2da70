// Fused ops as ONNX Runtime's own kernels (onnxruntime docs, ContribOperators.md).
import type { OpOf, Traced } from '../trace.ts';
import { emitAttention, hasAttentionKernel, isAttention } from './emit-attention.ts';
import type { GraphBuilder } from './graph-builder.ts';

/** @param capsScores whether the provider's GroupQueryAttention heeds `softcap` (that of WebGPU silently does not) */
export const hasKernel = (op: OpOf<'fused'>, capsScores: boolean): boolean =>
  !isAttention(op.name) || (hasAttentionKernel(op) && (capsScores || op.attributes['softCap'] === 0));

export function emitFused(
  graph: GraphBuilder,
  { name, attributes }: OpOf<'fused'>,
  operands: string[],
  inputs: readonly Traced[],
): string {
  if (isAttention(name)) return emitAttention(graph, name, attributes, operands, inputs);
  const norm = () => ({ axis: -1, epsilon: { float: attributes['epsilon']! } });
  switch (name) {
    case 'layerNorm':
      return graph.one('LayerNormalization', operands, norm());
    case 'rmsNorm':
      return graph.one('SimplifiedLayerNormalization', operands, norm());
    case 'gelu':
      return graph.one('Gelu', operands, {}, 'com.microsoft');
    case 'geluTanh':
      return graph.one('FastGelu', operands, {}, 'com.microsoft');
  }
}
