/** As the catalog has them; written out, so that --help loads nothing. A test compares. */
export const architectures = [
  ...['topk', 'batchtopk', 'matryoshka_batchtopk', 'standard', 'gated', 'jumprelu'],
  ...['transcoder', 'skip_transcoder', 'jumprelu_transcoder', 'jumprelu_skip_transcoder'],
] as const;
export type Architecture = (typeof architectures)[number];
