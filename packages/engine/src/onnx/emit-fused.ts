// Fused ops as ONNX Runtime's own kernels (onnxruntime docs, ContribOperators.md).
import type { OpOf, Traced } from '../trace.ts';
import type { GraphBuilder } from './graph-builder.ts';

/** GroupQueryAttention takes head widths that are multiples of 8 only. */
export const hasKernel = ({ attributes }: OpOf<'fused'>): boolean => (attributes['cachedHeadWidth'] ?? 0) % 8 === 0;

export function emitFused(
  graph: GraphBuilder,
  { name, attributes }: OpOf<'fused'>,
  operands: string[],
  inputs: readonly Traced[],
): string {
  const number = (key: string) => attributes[key]!;
  switch (name) {
    case 'layerNorm':
      return graph.one('LayerNormalization', operands, { axis: -1, epsilon: { float: number('epsilon') } });
    case 'rmsNorm':
      return graph.one('SimplifiedLayerNormalization', operands, { axis: -1, epsilon: { float: number('epsilon') } });
    case 'gelu':
      return graph.one('Gelu', operands, {}, 'com.microsoft');
    case 'geluTanh':
      return graph.one('FastGelu', operands, {}, 'com.microsoft');
    case 'attention': {
      const options = { num_heads: number('heads'), unidirectional: 1, scale: { float: number('scale') } };
      return graph.one('MultiHeadAttention', operands, options, 'com.microsoft');
    }
    case 'maskedAttention': {
      const [q, k, v, mask] = operands as [string, string, string, string];
      const options = { num_heads: number('heads'), scale: { float: number('scale') } };
      return graph.one('MultiHeadAttention', [q, k, v, '', '', mask], options, 'com.microsoft');
    }
    case 'cachedAttention':
    case 'cachedKeys':
    case 'cachedValues':
      return emitCached(graph, name, attributes, operands, inputs);
  }
}

/** One GroupQueryAttention gives the mixed values and both caches. Its lengths count the tokens before the new one. */
function emitCached(
  graph: GraphBuilder,
  name: 'cachedAttention' | 'cachedKeys' | 'cachedValues',
  attributes: Readonly<Record<string, number>>,
  operands: string[],
  inputs: readonly Traced[],
): string {
  const [q, k, v, keys, values, position] = operands as [string, string, string, string, string, string];
  const key = (part: string) => `${part} ${operands.join()}`;
  const make = () => {
    const lengths = graph.one('Expand', [position, graph.shape([inputs[0]!.shape[0]!])]);
    const total = graph.one('Add', [position, graph.int32(1)]);
    const [mixed, presentKeys, presentValues] = graph.emit(
      'GroupQueryAttention',
      [q, k, v, keys, values, lengths, total],
      {
        num_heads: attributes['heads']!,
        kv_num_heads: attributes['keyValueHeads']!,
        scale: { float: attributes['scale']! },
      },
      { domain: 'com.microsoft', outputs: 3 },
    );
    graph.once(key('cachedKeys'), () => presentKeys!);
    graph.once(key('cachedValues'), () => presentValues!);
    return mixed!;
  };
  const mixed = graph.once(key('cachedAttention'), make);
  return name === 'cachedAttention' ? mixed : graph.once(key(name), make);
}
