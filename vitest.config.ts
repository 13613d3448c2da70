import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/**/src/**/*.test.{ts,tsx}', 'db/src/**/*.test.ts', 'workers/**/src/**/*.test.ts', 'apps/{cli,launch,web}/src/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.long.test.ts'],
    // next-auth imports next/server without an extension, which only a bundler resolves.
    server: { deps: { inline: ['next-auth'] } },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // By default one core is left idle, which on two cores is half of the machine.
    maxWorkers: Math.max(2, availableParallelism()),
  },
});
