import { defineConfig } from 'vitest/config';

/** Campaigns that take minutes: fuzzing, kills, soaks. `npm run test:long`. */
export default defineConfig({
  test: {
    include: ['{packages,workers,apps}/**/src/**/*.long.test.ts', 'db/src/**/*.long.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
