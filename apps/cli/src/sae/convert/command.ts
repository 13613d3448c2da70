import { Command, Option } from 'commander';
import { addSaeOptions, saeHelp, type SaeOptions } from '../sae-options.ts';

export const precisions = ['float32', 'float16', 'bfloat16'] as const;

export interface ConvertOptions extends SaeOptions {
  model?: string;
  out: string;
  dtype?: (typeof precisions)[number];
  unitDecoder?: boolean;
  json?: boolean;
}

const examples = `
Examples:
  $ monosema sae convert ./ae.pt --out ./sae
  $ monosema sae convert EleutherAI/sae-pythia-70m-32k/layers.3 --out ./sae
  $ monosema sae convert gpt2-small-res-jb/blocks.8.hook_resid_pre --unit-decoder --dtype float16 --out ./sae

Writes cfg.json and sae_weights.safetensors in the layout of SAELens 6, and conversion.json: where the SAE is from, with the
hashes of its files, and everything that was assumed or converted. An SAE that is of that layout keeps its bytes.
With --json: {"out", "files", "layout", "provenance", "notes"}.
`;

export function convertCommand(signal: AbortSignal): Command {
  return addSaeOptions(new Command('convert').description('write an SAE in the layout of SAELens 6'))
    .argument('<sae>', saeHelp)
    .requiredOption('--out <folder>', 'folder for the result')
    .option('-m, --model <name>', 'model that it is of, where the files do not say')
    .addOption(new Option('--dtype <name>', 'precision of the weights').choices(precisions))
    .option('--unit-decoder', 'decoder rows of norm 1; features are measured in units of what they write')
    .option('--json', 'write JSON to standard output, for scripts')
    .addHelpText('after', examples)
    .action(async (reference: string, options: ConvertOptions) =>
      (await import('./convert.ts')).convert(reference, options, signal),
    );
}
