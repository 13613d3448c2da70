// Attention as ONNX Runtime's own kernels: MultiHeadAttention where it can, else GroupQueryAttention (ContribOperators.md).
import { causalMask } from '../composed/index.ts';
import type { Dim } from '../dims.ts';
import type { ConstantData, FusedKind, OpOf, Traced } from '../trace.ts';
import type { Attribute } from './model-file.ts';
import { FLOAT } from './model-file.ts';
import type { GraphBuilder } from './graph-builder.ts';

type Attributes = Readonly<Record<string, number>>;
export type AttentionKind = Extract<FusedKind, `${string}ttention` | `cached${string}`>;

export const isAttention = (name: FusedKind): name is AttentionKind =>
  name.startsWith('cached') || name.endsWith('ttention');

/** Every head has its own keys, and scores are not capped. */
const isPlain = ({ heads, keyValueHeads, softCap }: Attributes) => heads === keyValueHeads && softCap === 0;
/** GroupQueryAttention takes head widths that are multiples of 8 only. */
const isAligned = ({ headWidth }: Attributes) => headWidth! % 8 === 0;

export function hasAttentionKernel({ name, attributes }: OpOf<'fused'>): boolean {
  if (name === 'attention') return isPlain(attributes) || isAligned(attributes);
  return name === 'maskedAttention' ? isPlain(attributes) : isAligned(attributes);
}

export function emitAttention(
  graph: GraphBuilder,
  name: AttentionKind,
  attributes: Attributes,
  operands: string[],
  inputs: readonly Traced[],
): string {
  const [q, k, v, mask] = operands as [string, string, string, string];
  switch (name) {
    case 'attention': {
      const [batch, length] = inputs[0]!.shape as [Dim, number];
      if (attributes['window'] === 0 && isPlain(attributes)) return emitMultiHead(graph, attributes, [q, k, v], 1);
      if (isAligned(attributes)) return emitPrompt(graph, attributes, [q, k, v], batch, length);
      return emitMultiHead(graph, attributes, [q, k, v, '', '', windowMask(graph, length, attributes['window']!)], 0);
    }
    case 'maskedAttention':
      return emitMultiHead(graph, attributes, [q, k, v, '', '', mask], 0);
    case 'cachedAttention':
    case 'cachedKeys':
    case 'cachedValues':
      return emitCached(graph, name, attributes, operands, inputs);
  }
}

function emitMultiHead(
  graph: GraphBuilder,
  attributes: Attributes,
  operands: string[],
  unidirectional: number,
): string {
  const options = { num_heads: attributes['heads']!, unidirectional, scale: { float: attributes['scale']! } };
  return graph.one('MultiHeadAttention', operands, options, 'com.microsoft');
}

function windowMask(graph: GraphBuilder, length: number, window: number): string {
  return graph.once(`window ${length} ${window}`, () => {
    const { op } = causalMask(length, window);
    const { data } = op as { data: ConstantData };
    return graph.initialiser(graph.name('window'), [1, 1, length, length], FLOAT, data as Float32Array);
  });
}

const groupOptions = ({ heads, keyValueHeads, scale, softCap, window }: Attributes): Record<string, Attribute> => ({
  num_heads: heads!,
  kv_num_heads: keyValueHeads!,
  scale: { float: scale! },
  ...(softCap! > 0 ? { softcap: { float: softCap! } } : {}),
  ...(window! > 0 ? { local_window_size: window! } : {}),
});

/** Without a past: the lengths it asks for count the tokens before the last. */
function emitPrompt(
  graph: GraphBuilder,
  attributes: Attributes,
  operands: string[],
  batch: Dim,
  length: number,
): string {
  const lengths = graph.once(`lengths ${length} ${String(batch)}`, () =>
    graph.one('Expand', [graph.int32(length - 1), graph.shape([batch])]),
  );
  const inputs = [...operands, '', '', lengths, graph.int32(length)];
  const made = { domain: 'com.microsoft', outputs: 3 };
  return graph.emit('GroupQueryAttention', inputs, groupOptions(attributes), made)[0]!;
}

/** One GroupQueryAttention gives the mixed values and both caches. Its lengths count the tokens before the new one. */
function emitCached(
  graph: GraphBuilder,
  name: 'cachedAttention' | 'cachedKeys' | 'cachedValues',
  attributes: Attributes,
  operands: string[],
  inputs: readonly Traced[],
): string {
  const [q, k, v, keys, values, position] = operands as [string, string, string, string, string, string];
  const key = (part: string) => `${part} ${Object.values(attributes).join()} ${operands.join()}`;
  const make = () => {
    const lengths = graph.one('Expand', [position, graph.shape([inputs[0]!.shape[0]!])]);
    const longest = inputs[5]!.shape[0] === 1 ? position : graph.one('ReduceMax', [position], { axes: [0] });
    const total = graph.one('Add', [longest, graph.int32(1)]);
    const [mixed, presentKeys, presentValues] = graph.emit(
      'GroupQueryAttention',
      [q, k, v, keys, values, lengths, total],
      groupOptions(attributes),
      { domain: 'com.microsoft', outputs: 3 },
    );
    graph.once(key('cachedKeys'), () => presentKeys!);
    graph.once(key('cachedValues'), () => presentValues!);
    return mixed!;
  };
  const mixed = graph.once(key('cachedAttention'), make);
  return name === 'cachedAttention' ? mixed : graph.once(key(name), make);
}
