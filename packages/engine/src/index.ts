// The engine's only door: `import * as op from '@monosema/engine'`.
export type { ArrayValue, Arrays } from './arrays.ts';
export type { AnyArray } from './binding.ts';
export * from './composed/index.ts';
export {
  batch,
  batchDim,
  dimProduct,
  dimQuotient,
  elementCount,
  fixedDim,
  formatShape,
  sameShape,
  SymbolicDim,
} from './dims.ts';
export type { Dim, FixedShape, Shape } from './dims.ts';
export { engineNames } from './engine.ts';
export type { CompileOptions, Engine, EngineName, Executable, Weights } from './engine.ts';
export { EngineError, FeedError, ShapeError } from './errors.ts';
export { gradients, gradientsOf } from './gradients/gradients.ts';
export { benchmarkEngine } from './machine/benchmark.ts';
export type { BenchmarkOptions, EngineBenchmark } from './machine/benchmark.ts';
export { enginesFolder } from './machine/env.ts';
export { listEngines } from './machine/list-engines.ts';
export type { EngineListing, ListEnginesOptions } from './machine/list-engines.ts';
export { findPackage, optionalPackages } from './machine/optional-package.ts';
export type { OptionalPackage } from './machine/optional-package.ts';
export { openEngine, parseEngineName } from './open-engine.ts';
export type { OpenEngineOptions } from './open-engine.ts';
export * from './ops/index.ts';
export { evaluate } from './reference/evaluate.ts';
export type { ReferenceArrays } from './reference/evaluate.ts';
export { SharedWeights } from './shared-weights.ts';
export type { SharedArray } from './shared-weights.ts';
export { Traced } from './trace.ts';
export type { Backward, ConstantData, DType, FusedKind, Op, Program, TracedRecord } from './trace.ts';
