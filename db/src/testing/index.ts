export { seedCatalog, seedContexts, seedPieces, type SeededCatalog, type SeedOptions } from './seed-catalog.ts';
export { seededRandom } from './seeded-random.ts';
export { syntheticFeatures, type SyntheticShape } from './synthetic-features.ts';
export { createTestDatabase, type TestDatabase } from './test-database.ts';
