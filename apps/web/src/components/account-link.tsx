import { signOutAction } from '../server/sign-out.ts';
import { currentUser } from '../server/user.ts';
import { SignInLink } from './sign-in-link.tsx';

/** Who is signed in, with the way out; or the way in. Opens without scripts. */
export async function AccountLink() {
  const user = await currentUser();
  if (!user) return <SignInLink className="button text-sm">Sign in</SignInLink>;
  const name = user.name ?? user.email ?? 'Account';
  return (
    <details className="relative">
      <summary className="button max-w-40 list-none text-sm">
        <span className="truncate">{name}</span>
      </summary>
      <div className="card absolute right-0 z-20 mt-1 min-w-44 space-y-2 p-3 shadow-lg">
        <p className="text-muted text-sm">
          {user.email}
          {user.role === 'admin' && ', admin'}
        </p>
        <form action={signOutAction}>
          <button className="button w-full text-sm">Sign out</button>
        </form>
      </div>
    </details>
  );
}
