import { Command } from 'commander';
import { addModelOptions } from '../../model-options.ts';
import { positiveInteger } from '../../option-values.ts';
import { addSaeOptions, saeHelp } from '../sae-options.ts';
import type { SaeSessionOptions } from '../sae-session.ts';

export interface EvaluateOptions extends SaeSessionOptions {
  data?: string;
  split?: string;
  column?: string;
  contexts: number;
  contextSize?: number;
  countSpecial?: boolean;
  out?: string;
  saebench?: string;
}

const examples = `
Examples:
  $ monosema sae evaluate ./my-sae
  $ monosema sae evaluate ./my-sae --data ./held-out.txt --contexts 1000 --out ./my-sae/evaluation.json
  $ monosema sae evaluate gpt2-small-res-jb/blocks.8.hook_resid_pre --data roneneldan/TinyStories --split validation
  $ monosema sae evaluate ./my-sae --json | jq .explainedVariance

Measure on text that the SAE was not trained on. Of a bundled data set the held-out part is taken, which is also what is
measured on without --data where the SAE was trained on the other part. Special tokens don't count where the SAE's files don't
say which do; --count-special counts them. With --json: the fields of evaluation.json, and "data", "notes".
`;

export function evaluateCommand(signal: AbortSignal): Command {
  const command = addSaeOptions(new Command('evaluate').description('how well an SAE does on text'));
  return addModelOptions(command, "the SAE's own")
    .argument('<sae>', saeHelp)
    .option('--same-model', 'the model is the one that the SAE names in another way')
    .option('--data <name>', 'a bundled data set, a file (text, JSONL, Parquet, Arrow), a folder, or owner/name')
    .option('--split <name>', 'split of the data set (default: train; of a bundled one what is held out)')
    .option('--column <name>', 'column of the data set (default: tokens, input_ids, text or problem)')
    .option('--contexts <n>', 'contexts that are measured at most', positiveInteger, 400)
    .option('--context-size <n>', "tokens per context (default: the SAE's own)", positiveInteger)
    .option('--count-special', 'measure on BOS and other special tokens as well')
    .option('--out <file>', 'write the result to a .json file')
    .option('--saebench <file>', "write SAEBench's core results to a .json file, for its tools")
    .addHelpText('after', examples)
    .action(async (reference: string, options: EvaluateOptions) =>
      (await import('./evaluate.ts')).evaluate(reference, options, signal),
    );
}
