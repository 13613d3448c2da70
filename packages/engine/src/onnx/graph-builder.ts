import { fixedCount, isFixed } from '../dims.ts';
import type { FixedShape, Shape, SymbolicDim } from '../dims.ts';
import { FLOAT, INT32, INT64 } from './model-file.ts';
import type { Attribute, OnnxNode, OnnxTensor, OnnxValueInfo } from './model-file.ts';

/** In ONNX an output may not be called like an input; in a program it may (a training step maps W to the next W). */
export const outputPrefix = 'out:';

/** Initialisers from this size on (bytes) stay outside the file: protobuf ends at 2 GB, and copying takes time. */
const usualExternalFrom = 16_384;

export interface EmitOptions {
  outputs?: number;
  domain?: string;
}

/** Collects the nodes and constants of an ONNX graph and hands out value names. */
export class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly initialisers: OnnxTensor[] = [];
  readonly inputs: OnnxValueInfo[] = [];
  /** The bytes of initialisers that are not in the file. */
  readonly externalData: { path: string; data: Uint8Array }[] = [];
  private counter = 0;
  private readonly shared = new Map<string, string>();

  /** @param sizeCarrier the graph input (and its axis) that tells the size of a symbol */
  constructor(
    private readonly sizeCarrier: (dim: SymbolicDim) => { input: string; axis: number; dim: SymbolicDim },
    private readonly externalFrom = usualExternalFrom,
  ) {}

  name(prefix: string): string {
    return `${prefix}_${this.counter++}`;
  }

  /** A node with several outputs. */
  emit(
    opType: string,
    inputs: string[],
    attributes: Record<string, Attribute> = {},
    { outputs: count = 1, domain = '' }: EmitOptions = {},
  ): string[] {
    const outputs = Array.from({ length: count }, () => this.name(opType));
    this.nodes.push({ opType, domain, inputs, outputs, attributes });
    return outputs;
  }
  one(opType: string, inputs: string[], attributes: Record<string, Attribute> = {}, domain = ''): string {
    return this.emit(opType, inputs, attributes, { domain })[0]!;
  }
  /** The value made for `key` before, else a new one: what several nodes need is computed once. */
  once(key: string, make: () => string): string {
    const known = this.shared.get(key);
    if (known !== undefined) return known;
    const value = make();
    this.shared.set(key, value);
    return value;
  }

  initialiser(
    name: string,
    dims: FixedShape,
    dataType: number,
    array: Float32Array | Int32Array | BigInt64Array,
  ): string {
    const data = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    // ONNX Runtime wants to read shapes and axes while it infers shapes: those stay in the file.
    if (array instanceof BigInt64Array || data.length < this.externalFrom) {
      this.initialisers.push({ name, dims, dataType, content: data });
      return name;
    }
    const location = `${name}.bin`;
    this.externalData.push({ path: location, data });
    return this.externalInitialiser(name, dims, dataType, location);
  }
  /** An initialiser of four-byte numbers whose bytes the session gets from elsewhere. */
  externalInitialiser(name: string, dims: FixedShape, dataType: number, location: string): string {
    const length = 4 * fixedCount(dims);
    this.initialisers.push({ name, dims, dataType, content: { location, length } });
    return name;
  }
  scalar(value: number): string {
    return this.once(`scalar ${value}`, () => this.initialiser(this.name('scalar'), [], FLOAT, Float32Array.of(value)));
  }
  int32(value: number): string {
    return this.once(`int32 ${value}`, () => this.initialiser(this.name('int'), [1], INT32, Int32Array.of(value)));
  }
  /** A 1-D int64 constant (shapes, axes, ...). */
  int64(values: readonly number[]): string {
    return this.once(`int64 ${values.join()}`, () =>
      this.initialiser(this.name('ints'), [values.length], INT64, BigInt64Array.from(values, BigInt)),
    );
  }

  /** The run-time value of a symbolic dim, int64 [1]. */
  dim(dim: SymbolicDim): string {
    return this.once(`dim ${dim.toString()}`, () => {
      const carrier = this.sizeCarrier(dim);
      const size = this.one('Shape', [carrier.input], { start: carrier.axis, end: carrier.axis + 1 });
      if (dim.factor === carrier.dim.factor) return size;
      const symbol = carrier.dim.factor === 1 ? size : this.one('Div', [size, this.int64([carrier.dim.factor])]);
      return dim.factor === 1 ? symbol : this.one('Mul', [symbol, this.int64([dim.factor])]);
    });
  }
  /** A shape as int64 [rank], its symbolic dim known at run time. */
  shape(shape: Shape): string {
    if (isFixed(shape)) return this.int64(shape);
    return this.once(`shape ${shape.join()}`, () => {
      const at = shape.findIndex((dim) => typeof dim !== 'number');
      const fixed = (part: Shape) => (part.length > 0 ? [this.int64(part as FixedShape)] : []);
      const parts = [...fixed(shape.slice(0, at)), this.dim(shape[at] as SymbolicDim), ...fixed(shape.slice(at + 1))];
      return parts.length === 1 ? parts[0]! : this.one('Concat', parts, { axis: 0 });
    });
  }
  /** A shape for Reshape, which works out the symbolic dim itself. */
  reshapeTarget(shape: Shape): string {
    return this.int64(shape.map((dim) => (typeof dim === 'number' ? dim : -1)));
  }
  zeros(shape: Shape): string {
    return this.one('Expand', [this.scalar(0), this.shape(shape)]);
  }

  /** Gives a value the name of a graph output. Renaming, where possible, saves the copy that an Identity node would make. */
  nameOutput(value: string, output: string): void {
    const producer = this.nodes.find((node) => node.outputs.includes(value));
    if (!producer || value.startsWith(outputPrefix)) {
      this.nodes.push({ opType: 'Identity', domain: '', inputs: [value], outputs: [output], attributes: {} });
      return;
    }
    const rename = (names: string[]) => names.map((name) => (name === value ? output : name));
    for (const node of this.nodes) {
      node.inputs = rename(node.inputs);
      node.outputs = rename(node.outputs);
    }
  }
}
