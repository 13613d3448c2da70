import type { RunStatus } from '@monosema/catalog';

const looks: Record<RunStatus, { word: string; sign: string; className: string }> = {
  queued: { word: 'queued', sign: '○', className: 'text-muted' },
  running: { word: 'running', sign: '◐', className: 'text-accent' },
  succeeded: { word: 'succeeded', sign: '●', className: 'text-ink' },
  failed: { word: 'failed', sign: '✕', className: 'text-danger' },
  cancelled: { word: 'cancelled', sign: '–', className: 'text-muted' },
};

/** How a run or a stage stands, by word and sign, never by colour alone. */
export function StatusBadge({ status }: { status: RunStatus }) {
  const { word, sign, className } = looks[status];
  return (
    <span className={`chip ${className}`} data-status={status}>
      <span aria-hidden="true">{sign}</span>
      {word}
    </span>
  );
}
