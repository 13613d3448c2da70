import type { Evaluation } from '@monosema/catalog';
import type { PushedSae } from './gather.ts';

/** An SAE as a row of the card's table. Null is "not known". */
export interface ListedSae {
  /** Its folder in the repository. */
  id: string;
  architecture: string | null;
  hookPoint: string | null;
  dSae: number | null;
  k: number | null;
  evaluation: Evaluation | null;
}

export function listedSae({ id, config, evaluation }: PushedSae): ListedSae {
  const { architecture, dSae, contract } = config;
  return { id, architecture, hookPoint: contract.hookPoint, dSae, k: 'k' in config ? config.k : null, evaluation };
}
