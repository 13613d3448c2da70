import Link from 'next/link';
import { currentUser } from '../server/user.ts';

/** Who is signed in; reads the session only where there is a cookie. */
export async function AccountLink() {
  const user = await currentUser();
  if (!user) {
    return (
      <Link href="/sign-in" className="button text-sm">
        Sign in
      </Link>
    );
  }
  const name = user.name ?? user.email ?? 'Account';
  return (
    <Link href="/account" className="button max-w-40 text-sm" title={user.role === 'admin' ? `${name}, admin` : name}>
      <span className="truncate">{name}</span>
    </Link>
  );
}
