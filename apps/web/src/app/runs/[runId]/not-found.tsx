import Link from 'next/link';

export default function RunNotFound() {
  return (
    <div className="space-y-3">
      <h1>No such run</h1>
      <p className="text-muted">The address may be cut short, or the run's database another one.</p>
      <Link className="button" href="/runs">
        All runs
      </Link>
    </div>
  );
}
