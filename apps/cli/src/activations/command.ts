import { Command } from 'commander';
import { addModelOptions, defaultModel, type ModelOptions } from '../model-options.ts';
import { positiveInteger, several } from '../option-values.ts';
import { saeHelp } from '../sae/sae-options.ts';

export interface ActivationsOptions extends ModelOptions {
  hook?: string[];
  sae?: string;
  top: number;
  file?: string;
  data?: string;
  split?: string;
  column?: string;
  contexts: number;
  contextSize: number;
  out?: string;
}

const examples = `
Examples:
  $ monosema activations "Once upon a time" --sae ./my-sae
  $ monosema activations "Once upon a time" --sae ./my-sae --json | jq '.features[0]'
  $ monosema activations "Once upon a time" --hook blocks.2.hook_resid_post --json > vectors.json
  $ monosema activations --file story.txt --hook blocks.0.hook_resid_pre --hook blocks.1.attn.hook_pattern --out a.safetensors
  $ monosema activations --data roneneldan/TinyStories --split validation --contexts 100 --model gpt2 \\
      --hook blocks.6.hook_resid_pre --out resid.safetensors
  $ cat story.txt | monosema activations - --sae ./my-sae --top 3
  $ monosema activations "The cat sat" --sae gpt2-small-res-jb/blocks.8.hook_resid_pre

With --sae --json: {"tokens": [{"id", "text", "features": [{"index", "value"}]}], "features": [{"index", "maximum", "token"}]}.
Without an SAE the tokens carry "values", the vector at the hook point. A file given by --out gets one tensor per hook point,
[tokens, ...] for a text and [contexts, tokens, ...] for data, and "tokens", their ids. Data are packed as SAELens packs:
contexts begin with BOS, and BOS stands between documents.
`;

export function activationsCommand(signal: AbortSignal): Command {
  const command = new Command('activations').description(
    'what a model, or the features of an SAE, do on each token of a text',
  );
  return addModelOptions(command, `${defaultModel}, with --sae the SAE's own`)
    .argument('[text]', 'the text; "-" reads standard input')
    .option('--sae <name>', `show the features of an SAE: ${saeHelp}`)
    .option('--hook <name>', 'hook point to read when there is no SAE; with --out it may be repeated', several)
    .option('--top <n>', 'features to show, per token and in all', positiveInteger, 5)
    .option('--file <path>', 'take the text from a file')
    .option(
      '--data <name>',
      'read contexts of a bundled data set, a file (text, JSONL, Parquet, Arrow), a folder, or owner/name',
    )
    .option('--split <name>', 'split of the data set (default: train; of a bundled one what is held out)')
    .option('--column <name>', 'column of the data set (default: tokens, input_ids, text or problem)')
    .option('--contexts <n>', 'contexts of the data set to read', positiveInteger, 32)
    .option('--context-size <n>', 'tokens per context of the data set', positiveInteger, 128)
    .option('--out <file>', 'write the values to a .safetensors file')
    .addHelpText('after', examples)
    .action(async (text: string | undefined, options: ActivationsOptions) =>
      (await import('./activations.ts')).activations(text, options, signal),
    );
}
