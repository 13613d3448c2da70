'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';

/** To the sign-in page, and back to this one. */
export function SignInLink({ className, children }: { className?: string; children: ReactNode }) {
  const path = usePathname();
  const isAccountPage = path === '/sign-in' || path === '/sign-up' || path.startsWith('/claim');
  const next = isAccountPage || path === '/' ? '' : `?next=${encodeURIComponent(path)}`;
  return (
    <Link href={`/sign-in${next}`} className={className} prefetch={false}>
      {children}
    </Link>
  );
}
