import { SaeFormatError } from '../checkpoint/format-error.ts';
import { LoadNotes, type LoadNote } from '../checkpoint/load-note.ts';
import type { Sae } from '../sae.ts';
import { applyHints } from './apply-hints.ts';
import { clt } from './clt.ts';
import { connorRob } from './connor-rob.ts';
import { deepseekR1 } from './deepseek-r1.ts';
import { dictionaryLearning } from './dictionary-learning.ts';
import { listed, type SaeFolder } from './folder.ts';
import { gemmaScope2 } from './gemma-scope-2.ts';
import { gemmaScope } from './gemma-scope.ts';
import { gemmaTranscoder } from './gemma-transcoder.ts';
import { goodfire } from './goodfire.ts';
import type { LayoutHints, LayoutName, SaeLayout } from './layout.ts';
import { llamaScopeR1 } from './llama-scope-r1.ts';
import { llamaScope } from './llama-scope.ts';
import { mwhanna } from './mwhanna.ts';
import { openai } from './openai.ts';
import { plain } from './plain.ts';
import { qwenScope } from './qwen-scope.ts';
import { saelens } from './saelens.ts';
import { sparsify } from './sparsify.ts';
import { temporal } from './temporal.ts';

/** In the order in which they are tried: those whose files can't be mistaken first. */
const layouts: readonly SaeLayout[] = [
  ...[saelens, sparsify, gemmaScope, gemmaTranscoder, gemmaScope2, llamaScope, llamaScopeR1, mwhanna, clt, temporal],
  ...[deepseekR1, goodfire, qwenScope, connorRob, openai, dictionaryLearning, plain],
];

/** The layout of a folder, or the one of a name. @throws SaeFormatError listing what is known, or the SAEs below */
export async function layoutOf(folder: SaeFolder, hints: LayoutHints, name?: LayoutName): Promise<SaeLayout> {
  if (name !== undefined) {
    const named = layouts.find((layout) => layout.name === name);
    if (named) return named;
    throw new SaeFormatError(`layout ${name} is none of ${layouts.map((layout) => layout.name).join(', ')}`);
  }
  for (const layout of layouts) if (await layout.recognises(folder, hints)) return layout;
  const below = saesBelow(folder);
  if (below.length > 1)
    throw new SaeFormatError(`${folder.name} holds ${below.length} SAEs: name one of them, as ${listed(below, 6)}`);
  const known = layouts.map((layout) => `${layout.name} (${layout.files})`).join(', ');
  throw new SaeFormatError(
    `${folder.name} is no SAE of a layout that is known; there is ${listed(folder.files) || 'no file'}. Known are ${known}`,
  );
}

/** Files that an SAE has one of in its folder, and those that are one by themselves. */
const folderMark =
  /^(.+)\/(sae_weights\.safetensors|sae\.safetensors|params\.npz|params\.safetensors|ae\.pt|hyperparams\.json)$/;
const fileMark = /\.(pt|pth)$/;

/** Paths below a folder that look like SAEs, by the names of their files alone. */
const saesBelow = ({ files, file }: SaeFolder): string[] =>
  file !== null
    ? []
    : [...new Set(files.flatMap((name) => folderMark.exec(name)?.[1] ?? (fileMark.test(name) ? name : [])))];

/** Reads the SAE of a folder: finds its layout, reads it, applies the hints. */
export async function readLayout(
  folder: SaeFolder,
  hints: LayoutHints = {},
  name?: LayoutName,
): Promise<{ sae: Sae; layout: LayoutName; notes: readonly LoadNote[] }> {
  const layout = await layoutOf(folder, hints, name);
  const notes = new LoadNotes();
  const sae = applyHints(await layout.read(folder, hints, notes), hints, notes);
  noteBroken(sae, notes);
  return { sae, layout: layout.name, notes: notes.all };
}

/** Training that diverged leaves numbers that are none; what they touch is nothing that can be used. */
function noteBroken({ parameters }: Sae, notes: LoadNotes): void {
  for (const [name, values] of Object.entries(parameters) as [string, Float32Array][]) {
    let broken = 0;
    for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) broken++;
    if (broken > 0) notes.add('unknown', name, `${broken} of the ${values.length} numbers of ${name} are not finite`);
  }
}
