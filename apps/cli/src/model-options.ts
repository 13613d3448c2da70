import type { Command } from 'commander';
import { positiveInteger } from './option-values.ts';

/** Options that every command has. */
export interface ModelOptions {
  model: string;
  engine?: string;
  threads?: number;
  json?: boolean;
}

export const modelHelp =
  'a bundled model, the path of a folder or .gguf file, or one of the Hugging Face hub: gpt2, owner/name, owner/name@revision';

export function addModelOptions(command: Command): Command {
  return command
    .option('-m, --model <name>', modelHelp, 'stories-260k')
    .option('--engine <name>', 'what runs the arrays (default: the fastest that works, or MONOSEMA_ENGINE)')
    .option('--threads <n>', 'threads of the engine', positiveInteger)
    .option('--json', 'write JSON to standard output, for scripts');
}
