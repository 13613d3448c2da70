export { indexSearchHandler } from './handle.ts';
