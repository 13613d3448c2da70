import { Option, type Command } from 'commander';
import { architectures } from '../architectures.ts';
import { finiteNumber } from '../option-values.ts';

/** What is said of an SAE beside its files. */
export interface SaeOptions {
  layout?: string;
  hook?: string;
  hookOut?: string;
  architecture?: (typeof architectures)[number];
  k?: number;
}

export const saeHelp = 'folder, file, owner/name[/path][@revision] of the hub, or release/sae-id';

/** Options of every command that reads an SAE. */
export function addSaeOptions(command: Command): Command {
  return command
    .option('--layout <name>', 'layout of the files, where they do not tell (saelens, sparsify, openai, …)')
    .option('--hook <name>', 'hook point that it reads, where the files do not say')
    .option('--hook-out <name>', 'hook point that a transcoder predicts, where the files do not say')
    .addOption(new Option('--architecture <name>', 'kind of SAE, where the files do not say').choices(architectures))
    .option('--k <x>', 'active features per token of a TopK kind, where the files do not say', finiteNumber);
}
