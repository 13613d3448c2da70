import type { FeatureAddress } from '@monosema/catalog';
import { RandomLink } from '../../../../components/random-link.tsx';

/** A dead feature says so, instead of showing empty pictures. */
export function DeadNotice({ scanned, address }: { scanned: string; address: FeatureAddress }) {
  return (
    <div role="note" className="card border-danger/40 bg-danger-soft mb-5 p-4 text-sm">
      <strong className="font-semibold">This feature is dead.</strong> It fired on none of the {scanned} that were
      scanned. Its decoder direction is still there, so the logits that it would move are shown.{' '}
      <RandomLink modelId={address.modelId} sourceId={address.sourceId} className="link">
        A random live feature
      </RandomLink>
    </div>
  );
}
