export { default } from '@monosema/eslint-config';
