import { Command } from 'commander';
import { positiveInteger } from '../../option-values.ts';
import { addContextOptions, type ContextOptions } from '../context-options.ts';

export interface EncodeOptions extends ContextOptions {
  file?: string;
  input?: string;
  tensor?: string;
  reconstruct?: boolean;
  top: number;
  out?: string;
}

const examples = `
Examples:
  $ monosema sae encode ./my-sae "Once upon a time"
  $ monosema sae encode gpt2-small-res-jb/blocks.8.hook_resid_pre "The cat sat" --json
  $ monosema sae encode ./my-sae --data tinystories --contexts 100 --out codes.safetensors
  $ monosema sae encode ./my-sae --input values.safetensors --reconstruct --out codes.safetensors

What is encoded is a text, the contexts of --data, or rows that are there: a tensor [..., d_in] of --input, by default the
one that has the hook point's name; no model is needed then. A file given by --out holds the codes as compressed sparse rows,
"offsets" [rows + 1], "indices" and "values" (scipy.sparse.csr_matrix((values, indices, offsets), (rows, d_sae))), "tokens"
where there is text, and with --reconstruct "reconstructions" [rows, d_in]. All positions are encoded, BOS too.
With --json: {"rows", "dSae", "l0", "explainedVariance", "tokens": [{"id", "text", "counted", "features": [{"index", "value"}]}]}.
`;

export function encodeCommand(signal: AbortSignal): Command {
  const command = new Command('encode').description('the sparse codes of a text, of data, or of values');
  return addContextOptions(command, { help: 'contexts of the data set to read', count: 32 })
    .argument('[text]', 'the text; "-" reads standard input')
    .option('--file <path>', 'take the text from a file')
    .option('--input <file>', 'encode a tensor of a .safetensors file')
    .option('--tensor <name>', "its name (default: the hook point's)")
    .option('--reconstruct', 'decode as well, and tell how much is lost')
    .option('--top <n>', 'features to show per token', positiveInteger, 5)
    .option('--out <file>', 'write the codes to a .safetensors file')
    .addHelpText('after', examples)
    .action(async (reference: string, text: string | undefined, options: EncodeOptions) =>
      (await import('./encode.ts')).encode(reference, text, options, signal),
    );
}
