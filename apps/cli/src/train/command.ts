import { Command, Option } from 'commander';
import { architectures, type Architecture } from '../architectures.ts';
import { addModelOptions, type ModelOptions } from '../model-options.ts';
import { finiteNumber, listOf, positiveInteger, wholeNumber } from '../option-values.ts';

export const logs = ['csv', 'tensorboard', 'wandb'] as const;

export interface TrainOptions extends ModelOptions {
  config?: string;
  hook?: string[];
  hookOut?: string;
  architecture?: Architecture;
  dSae?: number[];
  k?: number[];
  l1?: number[];
  l0?: number[];
  widths?: number[];
  lr?: number[];
  seed?: number[];
  tokens?: number;
  batchTokens?: number;
  contextSize?: number;
  data?: string;
  split?: string;
  heldOutSplit?: string;
  column?: string;
  cache?: string;
  log?: string[];
  wandbProject?: string;
  checkpoints?: number;
  out?: string;
  resume?: boolean;
}

const examples = `
Examples:
  $ monosema train --hook blocks.2.hook_resid_post --out ./my-sae
  $ monosema train --config sae.json                      # a config of SAELens 6 or 5; options go before it
  $ monosema train --architecture standard --l1 2 --d-sae 512 --tokens 1_000_000 --out ./relu
  $ monosema train --k 8,16,32 --lr 0.002,0.004 --out ./sweep    # six SAEs, one forward pass
  $ monosema train --model gpt2 --data roneneldan/TinyStories --hook blocks.6.hook_resid_pre --log tensorboard --out ./gpt2
  $ monosema train --out ./my-sae --resume                # after Ctrl-C, same options as before

Several values of --hook, --d-sae, --k, --l1, --l0, --lr or --seed, with commas or given again, are a sweep: every combination
is trained on the same forward pass, each into a folder of its own in --out, and sweep.json says how they did.
A folder gets cfg.json and sae_weights.safetensors in SAELens layout, evaluation.json, training.json (what it was trained with),
and, while training, checkpoint/. --log writes metrics.csv, event files for TensorBoard, or an offline
run of Weights & Biases, which "wandb sync" sends.
What is left out is the preset of the architecture and width: sparsity, learning rate, levels.
Data are a bundled data set, a file (text, .jsonl, .json, .parquet, .arrow), a folder, or owner/name of the hub. What is
measured at the end is held out: --held-out-split, or else a twentieth of the text.
With --json every event is one line: {"kind":"metrics"|"checkpoint"|"evaluation"|"done"|"failed", "name"?, …}.
`;

export function trainCommand(signal: AbortSignal): Command {
  const command = new Command('train').description('train sparse autoencoders on the activations of a model');
  return addModelOptions(command)
    .option('-c, --config <file>', 'a training config in the names of SAELens, 6 or 5, as JSON')
    .option(
      '--hook <names>',
      "hook point to read, a TransformerLens name (default: the middle layer's residual stream)",
      listOf((text) => text),
    )
    .option('--hook-out <name>', 'hook point to predict; transcoders only')
    .addOption(new Option('--architecture <name>', 'kind of SAE (default: topk)').choices(architectures))
    .option('--d-sae <n>', 'number of features (default: 1024)', listOf(positiveInteger))
    .option('--k <x>', 'active features per token; TopK kinds only', listOf(finiteNumber))
    .option('--l1 <x>', 'weight of the L1 penalty; standard, gated and plain transcoders', listOf(finiteNumber))
    .option('--l0 <x>', 'weight of the L0 penalty; jumprelu kinds', listOf(finiteNumber))
    .option('--widths <n,n,…>', 'widths of the nested dictionaries; matryoshka_batchtopk only', listOf(positiveInteger))
    .option('--tokens <n>', 'tokens to train on; the text repeats when it is shorter (default: 3e6)', positiveInteger)
    .option('--batch-tokens <n>', 'tokens per step (default: 2048)', positiveInteger)
    .option('--context-size <n>', 'tokens per context (default: 128)', positiveInteger)
    .option('--lr <x>', 'learning rate', listOf(finiteNumber))
    .option('--seed <n>', 'seed of everything random (default: 42)', listOf(wholeNumber))
    .option('--data <name>', 'text to train on (default: tinystories, which is bundled)')
    .option('--split <name>', 'split of the data set (default: train)')
    .option('--held-out-split <name>', 'split of the data set to measure on')
    .option('--column <name>', 'column of the data set (default: tokens, input_ids, text or problem)')
    .option('--cache <folder>', 'keep the activations on disk: the first run writes them, later ones need no model')
    .option(
      '--log <kinds>',
      `write a log: ${logs.join(', ')}`,
      listOf((text) => text),
    )
    .option('--wandb-project <name>', "project of Weights & Biases (default: the config's, or monosema)")
    .option('--checkpoints <n>', 'checkpoints to keep in checkpoints/, evenly over the run', wholeNumber)
    .option('--out <folder>', 'folder for the result (default: what the config says)')
    .option('--resume', 'go on from the checkpoint in --out')
    .addHelpText('after', examples)
    .action(async (options: TrainOptions) => (await import('./train.ts')).train(options, signal));
}
