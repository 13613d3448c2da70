import Link from 'next/link';

/** A dead feature says so, instead of showing empty pictures. */
export function DeadNotice({ scanned, randomHref }: { scanned: string; randomHref: string }) {
  return (
    <div role="note" className="card border-danger/40 bg-danger-soft mb-5 p-4 text-sm">
      <strong className="font-semibold">This feature is dead.</strong> It fired on none of the {scanned} that were
      scanned. Its decoder direction is still there, so the logits that it would move are shown.{' '}
      <Link href={randomHref} prefetch={false} className="link">
        A random live feature
      </Link>
    </div>
  );
}
