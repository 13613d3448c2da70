export * from './address.ts';
export * from './evaluation.ts';
export * from './feature.ts';
export * from './model.ts';
export * from './run.ts';
export * from './source.ts';
export * from './training-preset.ts';
export * from './vocabulary.ts';
