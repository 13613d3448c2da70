// From a traced program to an ONNX graph.
import type { FixedShape, SymbolicDim } from '../dims.ts';
import { EngineError } from '../errors.ts';
import type { Plan } from '../plan.ts';
import { topologicalOrder } from '../trace.ts';
import type { FusedKind, OpOf, Traced } from '../trace.ts';
import { emitFused, hasKernel } from './emit-fused.ts';
import { emitPrimitive } from './emit-primitive.ts';
import { GraphBuilder, outputPrefix } from './graph-builder.ts';
import { BOOL, encodeModel, FLOAT, INT32 } from './model-file.ts';
import type { OnnxValueInfo } from './model-file.ts';
import type { SharedPlace } from './protocol.ts';

/** Which fused ops become one kernel: all (true), none (false) or those named. The others are decomposed. */
export type Fuse = boolean | readonly FusedKind[];

export interface OnnxModel {
  file: Uint8Array<ArrayBuffer>;
  /** Constants kept outside the file, for the session option `externalData`. */
  externalData: { path: string; data: Uint8Array }[];
  /** External data that is an array of shared weights. */
  sharedData: { path: string; place: SharedPlace }[];
  /** The inputs that the graph reads; others are not fed. */
  inputNames: string[];
  /** State whose kernel may write the output over the input's own memory. */
  inPlace: string[];
}

export interface EmitModelOptions {
  /** All by default. */
  fuse?: Fuse;
  /** See `CompileOptions`; by default shared ones are inputs, others initialisers. */
  weightsAs?: 'initialisers' | 'inputs' | undefined;
  /** Whether the kernel of attention can cap scores (true by default). */
  capsScores?: boolean | undefined;
  /** Bytes from which on an initialiser is kept outside the file. */
  externalFrom?: number | undefined;
}

const elementType = { float: FLOAT, int: INT32, bool: BOOL };

/** Emits the graph of a plan; outputs get {@link outputPrefix}, bool outputs become int32. */
export function emitModel(plan: Plan, options: EmitModelOptions = {}): OnnxModel {
  const emission = new Emission(plan, options);
  const outputs = Object.entries({ ...plan.results, ...plan.stateOutputs });
  emission.emitAll(outputs.map(([, node]) => node));
  const infos = emission.nameOutputs(outputs);
  const { nodes, initialisers, inputs, externalData } = emission.graph;
  return {
    file: encodeModel({ nodes, initialisers, inputs, outputs: infos }),
    externalData,
    sharedData: emission.sharedData,
    inputNames: inputs.map(({ name }) => name),
    inPlace: emission.inPlace(),
  };
}

export class Emission {
  readonly graph: GraphBuilder;
  readonly sharedData: { path: string; place: SharedPlace }[] = [];
  private readonly names = new Map<Traced, string>();
  private readonly fuse: Fuse;
  private readonly weightsAs: EmitModelOptions['weightsAs'];
  private readonly capsScores: boolean;

  constructor(
    private readonly plan: Plan,
    { fuse = true, weightsAs, capsScores = true, externalFrom }: EmitModelOptions,
  ) {
    this.fuse = fuse;
    this.weightsAs = weightsAs;
    this.capsScores = capsScores;
    this.graph = new GraphBuilder((dim) => this.carrierOf(dim), externalFrom);
  }

  emitAll(roots: readonly Traced[]): void {
    // Fused nodes hide their decomposition, so it is only emitted when asked for.
    for (const node of topologicalOrder(roots)) this.emit(node);
  }

  private emit(node: Traced): string {
    const known = this.names.get(node);
    if (known !== undefined) return known;
    const name = this.emitNode(node);
    this.names.set(node, name);
    return name;
  }

  private emitNode(node: Traced): string {
    const { op, inputs } = node;
    if (op.kind === 'input') return this.emitInput(op.name, node);
    const operands = inputs.map((input) => this.names.get(input)!);
    if (op.kind !== 'fused') return emitPrimitive(this.graph, node, operands);
    if (this.isFused(op)) return emitFused(this.graph, op, operands, node.inputs);
    const meaning = op.decompose(inputs);
    this.emitAll([meaning]);
    return this.names.get(meaning)!;
  }

  private emitInput(name: string, { shape, dtype }: Traced): string {
    const weight = this.plan.weights[name];
    if (weight && this.weightsAs !== 'inputs') {
      return this.graph.initialiser(name, weight.shape, elementType[dtype], weight.data);
    }
    const shared = this.plan.shared[name];
    if (shared && this.weightsAs === 'initialisers') {
      const path = `shared_${shared.id}_${name}.bin`;
      this.sharedData.push({ path, place: { weights: shared.id, name } });
      return this.graph.externalInitialiser(name, shape as FixedShape, elementType[dtype], path);
    }
    this.graph.inputs.push({ name, dataType: elementType[dtype], shape });
    return name;
  }

  private isFused(op: OpOf<'fused'>): boolean {
    return (
      hasKernel(op, this.capsScores) && (this.fuse === true || (this.fuse !== false && this.fuse.includes(op.name)))
    );
  }

  private carrierOf(dim: SymbolicDim): { input: string; axis: number; dim: SymbolicDim } {
    for (const node of Object.values({ ...this.plan.fed, ...this.plan.state })) {
      for (const [axis, carried] of node.shape.entries()) {
        if (typeof carried !== 'number' && carried.name === dim.name)
          return { input: this.emit(node), axis, dim: carried };
      }
    }
    throw new EngineError(`no input of the program has the dim ${dim.name}`);
  }

  nameOutputs(outputs: readonly [string, Traced][]): OnnxValueInfo[] {
    const renamed = new Map<string, string>(); // a value may be several outputs
    return outputs.map(([outputName, { shape, dtype }], i) => {
      const value = this.names.get(outputs[i]![1])!;
      const name = outputPrefix + outputName;
      if (dtype === 'bool') {
        this.graph.nameOutput(this.graph.one('Cast', [renamed.get(value) ?? value], { to: INT32 }), name);
        return { name, dataType: INT32, shape };
      }
      this.graph.nameOutput(renamed.get(value) ?? value, name);
      if (!renamed.has(value)) renamed.set(value, name);
      return { name, dataType: elementType[dtype], shape };
    });
  }

  /** GroupQueryAttention is made to get the same memory as its past and present cache; nobody else may read the past then. */
  inPlace(): string[] {
    const { state, stateOutputs, results } = this.plan;
    const pastOf = { cachedKeys: 3, cachedValues: 4 } as const;
    const isCached = ({ op }: Traced) => op.kind === 'fused' && op.name.startsWith('cached') && this.isFused(op);
    const others = topologicalOrder(Object.values({ ...stateOutputs, ...results })).filter((node) => !isCached(node));
    return Object.entries(stateOutputs).flatMap(([name, { op, inputs }]) => {
      if (op.kind !== 'fused' || (op.name !== 'cachedKeys' && op.name !== 'cachedValues') || !this.isFused(op))
        return [];
      const past = state[name]!;
      const isShared = others.some((node) => node.inputs.includes(past)) || Object.values(results).includes(past);
      return inputs[pastOf[op.name]] === past && !isShared ? [name] : [];
    });
  }
}
