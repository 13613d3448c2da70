export { CorruptBytesError } from './byte-stream.ts';
export { packDetails, unpackDetails } from './details.ts';
export { packExamples, unpackExamples, type GroupedExamples, type PackOptions } from './examples.ts';
export { packHistogram, unpackHistogram } from './histogram.ts';
export { packTokens, packTokenValues, unpackTokens, unpackTokenValues } from './tokens.ts';
