export { loadModel, type LoadModelOptions } from './load-model.ts';
export { loadTokenizer } from './load-tokenizer.ts';
export { modelFromTensors, type TensorsAsModel } from './toy/model-from-tensors.ts';
export { numberedTokenizer } from './toy/numbered-tokenizer.ts';
export { copied, transposed, type WeightSource } from './architectures/architecture.ts';
export { transformerConfig, type AttentionConfig, type MlpConfig } from './transformer/config.ts';
export { weightShapes } from './transformer/weight-shapes.ts';
export { centredResidual } from './processing/centred-residual.ts';
export type { WeightProcessing } from './processing/process-weights.ts';
export type { Model } from './model.ts';
export type { ModelConfig, TransformerConfig } from './transformer/config.ts';
export type { HookPoint, VectorHookPoint } from './transformer/hook-points.ts';
export { UnsupportedModelError } from './architectures/registry.ts';
export { Hooks, type Edit } from './hooks.ts';
export { anyHookPointNamed, hookPointNamed, UnknownHookPointError } from './hook-point-named.ts';
export { compileModel, type CompileModelOptions } from './compile-model.ts';
export { compileForward, type Forward, type ForwardOptions } from './compile-forward.ts';
export { tokenLosses } from './token-losses.ts';
export { openTokenizer, type Tokenizer, type TokenizerFiles } from './tokenizer/tokenizer.ts';
export { readTokenizer, tokenizerFileSets } from './tokenizer/read-tokenizer.ts';
export { tokenSpans, type TokenSpan } from './tokenizer/token-spans.ts';
export { tokenContexts } from './tokenizer/token-contexts.ts';
export { generate, type Generated } from './generation/generate.ts';
export { generateStream, type End, type GeneratedToken } from './generation/generate-stream.ts';
export type { EditPlace, GenerateOptions, GenerationEdit, SteeringEdit } from './generation/options.ts';
export {
  tokenStream,
  type StreamPosition,
  type TokenStream,
  type TokenStreamOptions,
} from './token-streams/token-stream.ts';
export { documentFiles } from './token-streams/files/document-files.ts';
export { DocumentError, type Document, type DocumentFile } from './token-streams/document-file.ts';
