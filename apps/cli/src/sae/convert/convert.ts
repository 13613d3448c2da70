import { basename } from 'node:path';
import { foldDecoderNorms, saveSae, type Sae } from '@monosema/sae';
import type { OpenedSae } from '@monosema/sae/pretrained';
import { forOption } from '../../exit.ts';
import { OutFolder } from '../../out-folder.ts';
import { table } from '../../table.ts';
import { writeJson } from '../../terminal.ts';
import { openReference } from '../open-reference.ts';
import type { ConvertOptions } from './command.ts';
import { conversionFile, type Conversion } from './conversion.ts';

/** `monosema sae convert`. */
export async function convert(reference: string, options: ConvertOptions, signal: AbortSignal): Promise<void> {
  const out = await OutFolder.openEmpty(options.out);
  const opened = await openReference('<sae>', reference, { ...options, modelId: options.model }, signal);
  const sae = await changed(opened.sae, options);
  const files = { ...saveSae(sae), [conversionFile]: conversionOf(opened, options) };
  signal.throwIfAborted();
  await out.make();
  await out.finish(files);
  const { layout, provenance, notes } = opened;
  if (options.json) writeJson({ out: options.out, files: Object.keys(files), layout, provenance, notes });
  else {
    process.stderr.write(table(notes.map(({ kind, message }) => [kind, message])));
    process.stdout.write(`${options.out}\n`);
  }
}

async function changed(sae: Sae, { dtype, unitDecoder }: ConvertOptions): Promise<Sae> {
  const folded = unitDecoder ? await forOption('--unit-decoder', () => foldDecoderNorms(sae)) : sae;
  if (dtype === undefined || dtype === folded.config.dtype) return folded;
  return { config: { ...folded.config, dtype }, parameters: folded.parameters };
}

/** What was read and done, so that the numbers can be followed back; it is for others too, whom no local path concerns. */
function conversionOf({ layout, provenance, notes }: OpenedSae, { dtype, unitDecoder }: ConvertOptions): Uint8Array {
  const { kind, path } = provenance;
  const where: Conversion['provenance'] = { ...provenance, path: kind === 'disk' ? basename(path) : path };
  const what = { layout, provenance: where, notes, unitDecoder: unitDecoder ?? false, dtype: dtype ?? null };
  return new TextEncoder().encode(`${JSON.stringify(what, null, 2)}\n`);
}
