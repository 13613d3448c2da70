import type { ReactNode } from 'react';

export interface NumberTile {
  name: string;
  value: ReactNode;
  meaning: string;
}

/** A few numbers side by side, each with what it means. */
export function NumberTiles({ tiles, explain = false }: { tiles: readonly NumberTile[]; explain?: boolean }) {
  return (
    <dl className="card bg-line flex flex-wrap gap-px overflow-hidden">
      {tiles.map(({ name, value, meaning }) => (
        <div key={name} className="bg-surface-raised flex-1 basis-34 px-3 py-2" title={explain ? undefined : meaning}>
          <dt className="text-muted text-xs">{name}</dt>
          <dd className="text-lg leading-tight font-semibold">{value}</dd>
          {explain && <dd className="text-muted mt-1 text-xs leading-snug">{meaning}</dd>}
        </div>
      ))}
    </dl>
  );
}
