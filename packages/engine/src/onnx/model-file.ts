// An ONNX model as bytes. Field numbers are those of onnx.proto (github.com/onnx/onnx, IR version 8).
import type { Shape } from '../dims.ts';
import { bytes, float, integer, joined, nested, text } from './protobuf.ts';
import type { Message } from './protobuf.ts';

export const FLOAT = 1;
export const INT32 = 6;
export const INT64 = 7;
export const BOOL = 9;

export type Attribute = number | string | readonly number[] | { float: number };
export interface OnnxNode {
  opType: string;
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: Record<string, Attribute>;
}
/** A constant of the graph. */
export interface OnnxTensor {
  name: string;
  dims: readonly number[];
  dataType: number;
  /** Its bytes; or, where they are not in the file, the name under which the session gets them, and how many there are. */
  content: Uint8Array | { location: string; length: number };
}
export interface OnnxValueInfo {
  name: string;
  dataType: number;
  shape: Shape;
}
export interface OnnxGraph {
  nodes: readonly OnnxNode[];
  initialisers: readonly OnnxTensor[];
  inputs: readonly OnnxValueInfo[];
  outputs: readonly OnnxValueInfo[];
}

const all = <T>(items: readonly T[], encode: (item: T) => Message): Message => items.flatMap(encode);

function encodeAttribute([name, value]: [string, Attribute]): Message {
  const typed = (type: number, content: Message) => nested(5, [...text(1, name), ...content, ...integer(20, type)]);
  if (typeof value === 'number') return typed(2, integer(3, value));
  if (typeof value === 'string') return typed(3, text(4, value));
  if ('float' in value) return typed(1, float(2, value.float));
  return typed(
    7,
    all(value, (item) => integer(8, item)),
  );
}

const encodeNode = (node: OnnxNode): Message =>
  nested(1, [
    ...all(node.inputs, (name) => text(1, name)),
    ...all(node.outputs, (name) => text(2, name)),
    ...text(3, `${node.outputs[0]!}_node`),
    ...text(4, node.opType),
    ...all(Object.entries(node.attributes), encodeAttribute),
    ...text(7, node.domain),
  ]);

function encodeTensor({ name, dims, dataType, content }: OnnxTensor): Message {
  const entry = (key: string, value: string) => nested(13, [...text(1, key), ...text(2, value)]);
  const encoded =
    content instanceof Uint8Array
      ? bytes(9, content)
      : [
          ...entry('location', content.location),
          ...entry('offset', '0'),
          ...entry('length', String(content.length)),
          ...integer(14, 1),
        ];
  return nested(5, [...all(dims, (dim) => integer(1, dim)), ...integer(2, dataType), ...text(8, name), ...encoded]);
}

function encodeValueInfo(field: number, { name, dataType, shape }: OnnxValueInfo): Message {
  const dims = all(shape, (dim) => nested(1, typeof dim === 'number' ? integer(1, dim) : text(2, String(dim))));
  const tensorType = nested(1, [...integer(1, dataType), ...nested(2, dims)]);
  return nested(field, [...text(1, name), ...nested(2, tensorType)]);
}

/** Opset 17 (the first with LayerNormalization) and ONNX Runtime's own domain. */
export function encodeModel({ nodes, initialisers, inputs, outputs }: OnnxGraph): Uint8Array<ArrayBuffer> {
  const graph: Message = [
    ...all(nodes, encodeNode),
    ...text(2, 'program'),
    ...all(initialisers, encodeTensor),
    ...all(inputs, (info) => encodeValueInfo(11, info)),
    ...all(outputs, (info) => encodeValueInfo(12, info)),
  ];
  const opset = (domain: string, version: number) => nested(8, [...text(1, domain), ...integer(2, version)]);
  return joined([
    ...integer(1, 8),
    ...text(2, 'monosema'),
    ...nested(7, graph),
    ...opset('', 17),
    ...opset('com.microsoft', 1),
  ]);
}
