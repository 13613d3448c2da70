export { trainSaeHandler } from './handle.ts';
