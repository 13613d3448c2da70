#!/usr/bin/env node
// The packages are TypeScript sources in this repository; tsx teaches Node to import them.
import { register } from 'tsx/esm/api';

// `monosema … | head` closes the pipe: that is no failure.
process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));

register();
const { main } = await import('../src/main.ts');
process.exitCode = await main(process.argv.slice(2));
