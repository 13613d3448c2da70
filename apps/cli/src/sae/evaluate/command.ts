import { Command } from 'commander';
import { addContextOptions, type ContextOptions } from '../context-options.ts';

export interface EvaluateOptions extends ContextOptions {
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
  const command = new Command('evaluate').description('how well an SAE does on text');
  return addContextOptions(command, { help: 'contexts that are measured at most', count: 400 })
    .option('--count-special', 'measure on BOS and other special tokens as well')
    .option('--out <file>', 'write the result to a .json file')
    .option('--saebench <file>', "write SAEBench's core results to a .json file, for its tools")
    .addHelpText('after', examples)
    .action(async (reference: string, options: EvaluateOptions) =>
      (await import('./evaluate.ts')).evaluate(reference, options, signal),
    );
}
