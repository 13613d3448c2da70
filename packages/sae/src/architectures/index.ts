import type { ArchitectureName, SaeConfig } from '../config/sae-config.ts';
import type { Architecture } from './architecture.ts';
import { batchtopk } from './batchtopk.ts';
import { gated } from './gated.ts';
import { jumprelu } from './jumprelu.ts';
import { standard } from './standard.ts';
import { topk } from './topk.ts';
import { jumpreluSkipTranscoder, jumpreluTranscoder, skipTranscoder, transcoder } from './transcoder.ts';

const architectures: Record<ArchitectureName, Architecture> = {
  standard,
  gated,
  topk,
  batchtopk,
  matryoshka_batchtopk: batchtopk,
  jumprelu,
  transcoder,
  skip_transcoder: skipTranscoder,
  jumprelu_transcoder: jumpreluTranscoder,
  jumprelu_skip_transcoder: jumpreluSkipTranscoder,
};

/** What the architecture of a config means. */
export const architectureOf = ({ architecture }: SaeConfig): Architecture => architectures[architecture];
