import { formatPercent } from './format-number.ts';

/**
 * How often a feature fires, in words: a feature on more than a tenth of all tokens rarely means one thing,
 * one that never fired is dead.
 */
export function densityKind(density: number): { kind: 'dead' | 'rare' | 'usual' | 'dense'; meaning: string } {
  if (density === 0) return { kind: 'dead', meaning: 'It fired on no scanned token' };
  if (density < 1e-5) return { kind: 'rare', meaning: 'Fires on fewer than one token in 100,000' };
  if (density > 0.1) return { kind: 'dense', meaning: 'Fires on more than one token in ten' };
  return { kind: 'usual', meaning: 'Fires on this part of the scanned tokens' };
}

/**
 * A feature's density as a badge.
 *
 * @example <DensityBadge density={0.0042} /> // "0.42%"
 */
export function DensityBadge({ density }: { density: number }): React.JSX.Element {
  const { kind, meaning } = densityKind(density);
  return (
    <span className={`chip density-${kind}`} title={meaning}>
      {kind === 'dead' ? 'dead' : formatPercent(density)}
      {(kind === 'rare' || kind === 'dense') && ` ${kind}`}
    </span>
  );
}
