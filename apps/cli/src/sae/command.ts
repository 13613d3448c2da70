import { Command } from 'commander';
import { convertCommand } from './convert/command.ts';
import { encodeCommand } from './encode/command.ts';
import { evaluateCommand } from './evaluate/command.ts';
import { infoCommand } from './info/command.ts';
import { listCommand } from './list/command.ts';
import { pushCommand } from './push/command.ts';

const references = `
An SAE is named by a folder, a file (.safetensors, .npz, .pt), owner/name[/path][@revision] of the Hugging Face hub, or
release/sae-id of the list of published SAEs, as in gpt2-small-res-jb/blocks.8.hook_resid_pre. Its layout is found by its
files: SAELens, dictionary_learning, sparsify, Gemma Scope, Llama Scope, OpenAI and others.
`;

/** What can be done with an SAE that is there. */
export function saeCommand(signal: AbortSignal): Command {
  const command = new Command('sae')
    .description('sparse autoencoders that are there: look, encode, measure, convert, publish')
    .addHelpText('after', references);
  for (const part of [listCommand, infoCommand, encodeCommand, evaluateCommand, convertCommand, pushCommand])
    command.addCommand(part(signal).exitOverride());
  return command;
}
