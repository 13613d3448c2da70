import { architectureOf } from './architectures/index.ts';
import type { SaeConfig } from './config/sae-config.ts';

/** Parameters in SAELens orientation, y = x @ W, row-major. Those that an architecture lacks are absent. */
export interface SaeParameters {
  /** [d_in, d_sae] */
  W_enc: Float32Array;
  /** [d_sae, d_in]; of a transcoder [d_sae, d_out] */
  W_dec: Float32Array;
  /** [d_in]; of a transcoder [d_out] */
  b_dec: Float32Array;
  /** [d_sae]; all but gated */
  b_enc?: Float32Array;
  /** [d_sae], compared with pre-activations; jumprelu */
  threshold?: Float32Array;
  /** [], the running threshold of a BatchTopK SAE in training */
  topk_threshold?: Float32Array;
  /** [d_sae]; gated: the path that decides, the one that measures, and the logarithm of the factor between them */
  b_gate?: Float32Array;
  b_mag?: Float32Array;
  r_mag?: Float32Array;
  /** [d_out, d_in], applied as x @ W_skipᵀ; skip transcoders */
  W_skip?: Float32Array;
}

/** A sparse autoencoder: what it is and what it learned. */
export interface Sae {
  readonly config: SaeConfig;
  readonly parameters: SaeParameters;
  /** What it was read from, as far as that can't be said in other words; for writing the same bytes again. */
  readonly origin?: SaeOrigin;
}

export interface SaeOrigin {
  /** The text of cfg.json. */
  readonly config: string;
  /** Of the safetensors file. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Tensors of half precision. */
  readonly dtypes: Readonly<Record<string, 'F16' | 'BF16'>>;
}

export type ParameterName = keyof SaeParameters;
/** The shape of each parameter that an SAE has, in the order of its architecture. */
export type ParameterShapes = Partial<Record<ParameterName, readonly number[]>>;

/** The shape of each parameter that an SAE of this config has. */
export const parameterShapes = (config: SaeConfig): ParameterShapes => architectureOf(config).shapes(config);

/** The parameters that an SAE of this config has. */
export const parameterNames = (config: SaeConfig): ParameterName[] =>
  Object.keys(parameterShapes(config)) as ParameterName[];

/**
 * Parameters made one by one, in the order of the architecture.
 * @example mapParameters(config, (name, shape) => new Float32Array(shape.reduce((a, b) => a * b, 1)))
 */
export function mapParameters(
  config: SaeConfig,
  make: (name: ParameterName, shape: readonly number[]) => Float32Array,
): SaeParameters {
  const shapes = Object.entries(parameterShapes(config)) as [ParameterName, readonly number[]][];
  const made: Partial<SaeParameters> = Object.fromEntries(shapes.map(([name, shape]) => [name, make(name, shape)]));
  const { W_enc, W_dec, b_dec } = made;
  if (!W_enc || !W_dec || !b_dec) throw new Error(`${config.architecture} lacks W_enc, W_dec or b_dec`);
  return { ...made, W_enc, W_dec, b_dec };
}

/** A parameter that the architecture has; @throws RangeError where it is absent. */
export function parameter({ config, parameters }: Sae, name: ParameterName): Float32Array {
  const found = parameters[name];
  if (!found) throw new RangeError(`the ${config.architecture} SAE has no ${name}`);
  return found;
}
