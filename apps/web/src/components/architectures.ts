import type { SaeArchitecture, TrainingRequest } from '@monosema/catalog';

/** What an architecture is called where there is little room. */
export const architectureNames: Record<SaeArchitecture, string> = {
  topk: 'TopK',
  standard: 'ReLU',
  gated: 'Gated',
  batchtopk: 'BatchTopK',
  matryoshka_batchtopk: 'Matryoshka',
  jumprelu: 'JumpReLU',
  transcoder: 'Transcoder',
  skip_transcoder: 'Skip transcoder',
  jumprelu_transcoder: 'JumpReLU transcoder',
  jumprelu_skip_transcoder: 'JumpReLU skip transcoder',
};

/** What makes a run's codes sparse, by the name of the request's field. */
export function sparsityOf({
  k,
  l1Coefficient,
  l0Coefficient,
}: TrainingRequest): { name: string; value: number } | null {
  if (k !== undefined) return { name: 'k', value: k };
  if (l1Coefficient !== undefined) return { name: 'L1 weight', value: l1Coefficient };
  return l0Coefficient === undefined ? null : { name: 'L0 weight', value: l0Coefficient };
}
