/**
 * What a safetensors file may ask of us. The header limit is the format's own; the others are far above any real file
 * and keep a hostile one from costing more than its own size.
 */
export const safetensorsLimits = {
  /** Bytes of JSON; the reference implementation's limit. */
  headerBytes: 100_000_000,
  tensors: 100_000,
  rank: 8,
  nameLength: 1_000,
} as const;
