export { python } from './env.ts';
export { pythonVersion } from './python-version.ts';
export { startSide, type Side } from './side.ts';
