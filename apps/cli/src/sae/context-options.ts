import type { Command } from 'commander';
import { addModelOptions } from '../model-options.ts';
import { positiveInteger } from '../option-values.ts';
import { addSaeOptions, saeHelp } from './sae-options.ts';
import type { SaeSessionOptions } from './sae-session.ts';

/** Options of a command that runs an SAE on contexts of text. */
export interface ContextOptions extends SaeSessionOptions {
  data?: string;
  split?: string;
  column?: string;
  contexts: number;
  contextSize?: number;
}

/** The SAE as argument, its model, and the contexts that it is run on. */
export function addContextOptions(command: Command, contexts: { help: string; count: number }): Command {
  return addModelOptions(addSaeOptions(command), "the SAE's own")
    .argument('<sae>', saeHelp)
    .option('--same-model', 'the model is the one that the SAE names in another way')
    .option('--data <name>', 'a bundled data set, a file (text, JSONL, Parquet, Arrow), a folder, or owner/name')
    .option('--split <name>', 'split of the data set (default: train; of a bundled one what is held out)')
    .option('--column <name>', 'column of the data set (default: tokens, input_ids, text or problem)')
    .option('--contexts <n>', contexts.help, positiveInteger, contexts.count)
    .option('--context-size <n>', "tokens per context (default: the SAE's own)", positiveInteger);
}
