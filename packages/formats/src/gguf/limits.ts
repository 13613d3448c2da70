/** What a GGUF file may ask of us: the format's own limits where it has some, else far above any real file. */
export const ggufLimits = {
  /** Bytes of metadata and tensor list; vocabularies are the most of it. */
  headerBytes: 256 * 2 ** 20,
  metadata: 10_000,
  /** Bytes of a metadata key, and of a tensor's name. */
  keyBytes: 65_535,
  nameBytes: 64,
  /** Lists in lists. */
  depth: 4,
  tensors: 100_000,
  rank: 4,
  alignment: 2 ** 20,
} as const;
