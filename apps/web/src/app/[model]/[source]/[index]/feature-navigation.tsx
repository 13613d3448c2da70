import Link from 'next/link';
import { featurePath, type FeatureAddress } from '@monosema/catalog';
import { RandomLink } from '../../../../components/random-link.tsx';

interface FeatureNavigationProps {
  address: FeatureAddress;
  /** Null at the ends of the source. */
  previous: number | null;
  next: number | null;
}

/** To the neighbours and to a random feature; each link answers to its key. */
export function FeatureNavigation({ address, previous, next }: FeatureNavigationProps) {
  const at = (index: number): string => featurePath({ ...address, index });
  return (
    <nav aria-label="Other features of this source" className="flex items-center gap-1.5">
      <Step href={previous === null ? null : at(previous)} shortcut="previous" title="Previous feature (← or k)">
        ← <span className="sr-only sm:not-sr-only">Previous</span>
      </Step>
      <RandomLink modelId={address.modelId} sourceId={address.sourceId} className="button text-sm" shortcut>
        Random
      </RandomLink>
      <Step href={next === null ? null : at(next)} shortcut="next" title="Next feature (→ or j)">
        <span className="sr-only sm:not-sr-only">Next</span> →
      </Step>
    </nav>
  );
}

interface StepProps {
  href: string | null;
  shortcut: string;
  title: string;
  children: React.ReactNode;
}

function Step({ href, shortcut, title, children }: StepProps) {
  if (href === null) {
    return (
      <span className="button text-sm opacity-50" aria-disabled="true">
        {children}
      </span>
    );
  }
  return (
    <Link href={href} className="button text-sm" data-shortcut={shortcut} title={title}>
      {children}
    </Link>
  );
}
