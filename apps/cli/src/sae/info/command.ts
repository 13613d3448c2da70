import { Command } from 'commander';
import { addSaeOptions, saeHelp, type SaeOptions } from '../sae-options.ts';

export interface InfoOptions extends SaeOptions {
  json?: boolean;
}

const examples = `
Examples:
  $ monosema sae info ./my-sae
  $ monosema sae info gpt2-small-res-jb/blocks.8.hook_resid_pre
  $ monosema sae info google/gemma-scope-2b-pt-res/layer_12/width_16k/average_l0_82
  $ monosema sae info ./ae.pt --layout dictionary-learning --hook blocks.3.hook_resid_post --json | jq .notes

Tells what the SAE is, from which files it was read, and everything that was assumed or converted on the way.
With --json: {"config", "layout", "provenance", "notes", "weights", "published", "evaluation"}.
`;

export function infoCommand(signal: AbortSignal): Command {
  return addSaeOptions(new Command('info').description('what an SAE is, where it is from and how it was read'))
    .argument('<sae>', saeHelp)
    .option('--json', 'write JSON to standard output, for scripts')
    .addHelpText('after', examples)
    .action(async (reference: string, options: InfoOptions) =>
      (await import('./info.ts')).info(reference, options, signal),
    );
}
