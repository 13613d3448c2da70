import Link from 'next/link';
import { SearchBox } from '../components/search-box.tsx';

export default function NotFound() {
  return (
    <div className="mx-auto max-w-xl py-10">
      <h1>Nothing lives at this address</h1>
      <p className="text-muted mt-2 mb-6">
        Models are at <code>/model</code>, their SAEs at <code>/model/source</code>, features at{' '}
        <code>/model/source/index</code>.
      </p>
      <SearchBox id="not-found-search" />
      <p className="mt-4">
        <Link href="/" className="link">
          All models
        </Link>
      </p>
    </div>
  );
}
