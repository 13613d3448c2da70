import type { Command } from 'commander';
import { positiveInteger } from './option-values.ts';

/** Options that every command has. */
export interface ModelOptions {
  /** Without it, the SAE's own where there is one, else the default model. */
  model?: string;
  engine?: string;
  threads?: number;
  json?: boolean;
}

export const defaultModel = 'stories-260k';
export const modelHelp =
  'a bundled model, the path of a folder or .gguf file, or one of the Hugging Face hub: gpt2, owner/name, owner/name@revision';

/** @param otherwise what is taken without --model, in words */
export function addModelOptions(command: Command, otherwise = defaultModel): Command {
  return command
    .option('-m, --model <name>', `${modelHelp} (default: ${otherwise})`)
    .option('--engine <name>', 'what runs the arrays (default: the fastest that works, or MONOSEMA_ENGINE)')
    .option('--threads <n>', 'threads of the engine', positiveInteger)
    .option('--json', 'write JSON to standard output, for scripts');
}
