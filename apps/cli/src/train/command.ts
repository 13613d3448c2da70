import { Command, Option } from 'commander';
import { addModelOptions, type ModelOptions } from '../model-options.ts';
import { finiteNumber, positiveInteger, wholeNumber } from '../option-values.ts';

export interface TrainOptions extends ModelOptions {
  hook?: string;
  architecture: 'topk' | 'standard';
  dSae: number;
  k?: number;
  l1?: number;
  tokens: number;
  batchTokens: number;
  contextSize: number;
  lr?: number;
  seed: number;
  data: string;
  out: string;
  resume?: boolean;
}

const examples = `
Examples:
  $ monosema train --hook blocks.2.hook_resid_post --out ./my-sae
  $ monosema train --architecture standard --l1 2 --d-sae 512 --tokens 1_000_000 --out ./relu
  $ monosema train --data ./stories.txt --out ./my-sae --json > metrics.jsonl
  $ monosema train --out ./my-sae --resume     # after Ctrl-C, same options as before

The folder given by --out gets cfg.json and sae_weights.safetensors in SAELens layout, evaluation.json, and, while
training, checkpoint/. With --json every event is one line: {"kind":"metrics"|"checkpoint"|"evaluation"|"done", …}.
A text file is UTF-8; <|endoftext|> separates documents. A .json file is an array of strings.
`;

export function trainCommand(signal: AbortSignal): Command {
  const command = new Command('train').description('train a sparse autoencoder on the activations of a model');
  return addModelOptions(command)
    .option('--hook <name>', "hook point to read, a TransformerLens name (default: the middle layer's residual stream)")
    .addOption(new Option('--architecture <name>', 'kind of SAE').choices(['topk', 'standard']).default('topk'))
    .option('--d-sae <n>', 'number of features', positiveInteger, 1024)
    .option('--k <n>', 'active features per token; topk only (default: 8)', positiveInteger)
    .option('--l1 <x>', 'weight of the L1 penalty; standard only', finiteNumber)
    .option('--tokens <n>', 'tokens to train on; the text repeats when it is shorter', positiveInteger, 3_000_000)
    .option('--batch-tokens <n>', 'tokens per step', positiveInteger, 2048)
    .option('--context-size <n>', 'tokens per context', positiveInteger, 128)
    .option('--lr <x>', 'learning rate (default: 0.004 for topk, 0.002 for standard)', finiteNumber)
    .option('--seed <n>', 'seed of everything random', wholeNumber, 42)
    .option('--data <id or file>', 'a bundled data set, or a text file', 'tinystories')
    .requiredOption('--out <folder>', 'folder for the result')
    .option('--resume', 'go on from the checkpoint in --out')
    .addHelpText('after', examples)
    .action(async (options: TrainOptions) => (await import('./train.ts')).train(options, signal));
}
