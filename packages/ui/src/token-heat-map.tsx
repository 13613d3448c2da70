import { heatMapHtml, type HeatMapExample } from './heat-map-html.ts';
import { TokenInspector } from './token-inspector.tsx';

export interface TokenHeatMapProps {
  examples: readonly HeatMapExample[];
  /** The activation at full colour: the feature's maximum. */
  maximum: number;
  /** Ids of tokens that are no text, as BOS: shown, but set back. */
  specialTokens?: readonly number[];
  /** What a screen reader calls the list. */
  label: string;
}

/**
 * Contexts in which a feature fires, coloured by activation relative to the feature's maximum. Shows a few tokens
 * around each maximum, or all with the switch, by styles alone; hovering or focusing a token (arrow keys walk) tells
 * its text, id and activation.
 *
 * @example <TokenHeatMap label="Top activations" examples={examples} maximum={feature.maximum} />
 */
export function TokenHeatMap({ examples, maximum, label, specialTokens }: TokenHeatMapProps): React.JSX.Element {
  const html = heatMapHtml(examples, maximum > 0 ? maximum : 1, new Set(specialTokens));
  return (
    <TokenInspector>
      <label className="heat-map-switch text-muted text-sm">
        <input type="checkbox" autoComplete="off" data-shortcut="contexts" /> Whole contexts
      </label>
      <ol className="heat-map" aria-label={label} dangerouslySetInnerHTML={{ __html: html }} />
    </TokenInspector>
  );
}
