import { Command } from 'commander';
import { addModelOptions, type ModelOptions } from '../model-options.ts';
import { positiveInteger } from '../option-values.ts';

export interface ActivationsOptions extends ModelOptions {
  hook?: string;
  sae?: string;
  top: number;
}

const examples = `
Examples:
  $ monosema activations "Once upon a time" --sae ./my-sae
  $ monosema activations "Once upon a time" --sae ./my-sae --json | jq '.features[0]'
  $ monosema activations "Once upon a time" --hook blocks.2.hook_resid_post --json > vectors.json
  $ cat story.txt | monosema activations - --sae ./my-sae --top 3

With --sae --json: {"tokens": [{"id", "text", "features": [{"index", "value"}]}], "features": [{"index", "maximum", "token"}]}.
Without an SAE the tokens carry "values", the vector at the hook point.
`;

export function activationsCommand(signal: AbortSignal): Command {
  const command = new Command('activations').description(
    'what a model, or the features of an SAE, do on each token of a text',
  );
  return addModelOptions(command)
    .argument('<text>', 'the text; "-" reads standard input')
    .option('--sae <folder>', 'SAE in SAELens layout: show its features')
    .option('--hook <name>', 'hook point to read when there is no SAE')
    .option('--top <n>', 'features to show, per token and in all', positiveInteger, 5)
    .addHelpText('after', examples)
    .action(async (text: string, options: ActivationsOptions) =>
      (await import('./activations.ts')).activations(text, options, signal),
    );
}
