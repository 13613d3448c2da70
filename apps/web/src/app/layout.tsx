import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { KeyboardShortcuts } from '../components/keyboard-shortcuts.tsx';
import { SiteFooter } from '../components/site-footer.tsx';
import { SiteHeader } from '../components/site-header.tsx';
import { rememberedThemeScript } from '../components/theme.ts';
import { TRPCReactProvider } from '../trpc/client.tsx';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Monosema', template: '%s · Monosema' },
  description: 'Train sparse autoencoders on language models, and browse, label, search and steer by their features.',
  applicationName: 'Monosema',
};

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#faf9f7' },
    { media: '(prefers-color-scheme: dark)', color: '#14161a' },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    // The script below sets data-theme before React sees the element.
    <html lang="en" suppressHydrationWarning>
      <head>
        <script dangerouslySetInnerHTML={{ __html: rememberedThemeScript }} />
      </head>
      <body className="flex min-h-dvh flex-col">
        <a
          href="#main"
          className="bg-accent text-accent-ink absolute top-2 left-2 z-30 -translate-y-16 rounded px-3 py-2 focus:translate-y-0"
        >
          Skip to content
        </a>
        <SiteHeader />
        <main id="main" tabIndex={-1} className="mx-auto w-full max-w-7xl flex-1 px-4 py-6 outline-none sm:px-6">
          <TRPCReactProvider>{children}</TRPCReactProvider>
        </main>
        <SiteFooter />
        <KeyboardShortcuts />
      </body>
    </html>
  );
}
