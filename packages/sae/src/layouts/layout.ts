import type { LoadNotes } from '../checkpoint/load-note.ts';
import type { ArchitectureName, Normalisation } from '../config/sae-config.ts';
import type { Sae } from '../sae.ts';
import type { SaeFolder } from './folder.ts';

/** Layouts of SAE files, by the program that writes them or the release that has them. */
export const layoutNames = [
  ...['saelens', 'gemma-scope', 'gemma-transcoder', 'gemma-scope-2', 'llama-scope', 'llama-scope-r1'],
  ...['deepseek-r1', 'goodfire', 'qwen-scope', 'mwhanna', 'clt', 'temporal'],
  ...['dictionary-learning', 'sparsify', 'openai', 'connor-rob', 'plain'],
] as const;
export type LayoutName = (typeof layoutNames)[number];

/** What is known of an SAE's input beside its weights. */
export interface SaidOfInput {
  /** As the files or people call it; `google/gemma-2-2b` becomes gemma-2-2b. */
  readonly modelId?: string | null;
  readonly hookPoint?: string | null;
  /** Of a transcoder: what it predicts. */
  readonly hookPointOut?: string | null;
  readonly contextSize?: number | null;
  readonly prependBos?: boolean | null;
  readonly excludedTokens?: readonly number[] | null;
  readonly dataSetId?: string | null;
  readonly sourceId?: string | null;
}

/** What is said of the SAE itself. */
interface SaidOfSae {
  readonly architecture?: ArchitectureName;
  /** Active latents per token. */
  readonly k?: number;
  readonly dIn?: number;
  readonly dSae?: number;
  /** Whether b_dec is subtracted from the input before it is encoded (SAELens: apply_b_dec_to_input). */
  readonly subtractDecoderBias?: boolean;
  /** What inputs were multiplied by in training and are not in the weights yet: folded in (SAELens: norm_scaling_factor). */
  readonly inputScale?: number;
  /** The same, folded in only where the files say that there was a scale, and not which one; as a registry says it. */
  readonly inputScaleIfOpen?: number;
  /** Whether its model had centred writing weights (SAELens: model_from_pretrained_kwargs). */
  readonly centred?: boolean;
}

/**
 * What a person, a command line or a registry says of an SAE beside its files. It fills what the files leave open; what
 * contradicts them is an error, unless it stands under `corrections`.
 */
export interface LayoutHints extends SaidOfInput, SaidOfSae {
  /** Where the files are known to be wrong: replaces what they say, and is noted. */
  readonly corrections?: SaidOfInput & SaidOfSae & { readonly normalisation?: Normalisation };
}

/** One way in which SAEs lie in files. */
export interface SaeLayout {
  readonly name: LayoutName;
  /** Its files, in a few words, for messages. */
  readonly files: string;
  /** Whether the folder holds one SAE of this layout: by names, and by what is in the files where names do not tell. */
  recognises(folder: SaeFolder, hints: LayoutHints): boolean | Promise<boolean>;
  /**
   * Reads it. Tensors come one by one where the format allows; one that is unknown, missing or misshapen is an error that
   * names it. What is assumed or converted is noted. Hints are applied afterwards, for all layouts alike: `read` takes
   * from them only what it cannot do without.
   */
  read(folder: SaeFolder, hints: LayoutHints, notes: LoadNotes): Promise<Sae>;
}
