export { previewSteeringHandler } from './handle.ts';
