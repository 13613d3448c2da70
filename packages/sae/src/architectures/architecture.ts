import type { Traced } from '@monosema/engine';
import type { SaeConfig } from '../config/sae-config.ts';
import type { ParameterName, ParameterShapes } from '../sae.ts';

type Everywhere = 'W_enc' | 'W_dec' | 'b_dec';
/** Parameters of an SAE among a program's inputs. */
export type TracedParameters = Record<Everywhere, Traced> & Partial<Record<Exclude<ParameterName, Everywhere>, Traced>>;
/** The same where an architecture is known to have more. */
export type TracedWith<P extends ParameterName> = TracedParameters & Record<P, Traced>;

/** Codes of which at most k differ from zero: values and features, both [rows, k]. */
export interface TracedPairs {
  values: Traced;
  indices: Traced;
}

/** What an architecture is, over traced arrays. Normalising the input and turning the output back are not its business. */
export interface Architecture<C extends SaeConfig = SaeConfig, P extends TracedParameters = TracedParameters> {
  shapes(config: C): ParameterShapes;
  /** x [rows, d_in], normalised -> codes [rows, d_sae] */
  encode(config: C, p: P, x: Traced): Traced;
  /** The same as pairs, where k bounds them; null where it does not. */
  pairs?(config: C, p: P, x: Traced): TracedPairs | null;
  /** codes [rows, d_sae] -> [rows, d_in], or d_out; x [rows, d_in] is the input as it stands, which skips take */
  decode(config: C, p: P, codes: Traced, x: Traced): Traced;
}
