import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { forOption, UsageError } from './exit.ts';

/** The text of a command: its argument, standard input for "-", or the file of --file. @throws UsageError without exactly one */
export async function textFrom(argument: string | undefined, file: string | undefined): Promise<string> {
  if (argument !== undefined && file !== undefined) throw new UsageError('--file', 'is for use without <text>');
  if (file !== undefined) return forOption('--file', async () => decoder.decode(await readFile(file)));
  if (argument === undefined)
    throw new UsageError('<text>', 'is missing: give a text, "-" for standard input, or --file');
  return argument === '-' ? readAll(process.stdin) : argument;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** A token with its spaces and line breaks to be seen. */
export const shown = (text: string): string => JSON.stringify(text);
