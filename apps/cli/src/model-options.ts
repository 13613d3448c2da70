import type { Command } from 'commander';
import { positiveInteger } from './option-values.ts';

/** Options that every command has. */
export interface ModelOptions {
  model: string;
  engine?: string;
  threads?: number;
  json?: boolean;
}

export function addModelOptions(command: Command): Command {
  return command
    .option('-m, --model <name>', 'a bundled model, or the path of a folder in Hugging Face layout', 'stories-260k')
    .option('--engine <name>', 'what runs the arrays (default: the fastest that works, or MONOSEMA_ENGINE)')
    .option('--threads <n>', 'threads of the engine', positiveInteger)
    .option('--json', 'write JSON to standard output, for scripts');
}
