import { loadTokenizer, tokenSpans } from '@monosema/model';
import { withModelFolder } from '../session.ts';
import { writeJson } from '../terminal.ts';
import { shown, textFrom } from '../text-argument.ts';
import type { TokenizeOptions } from './command.ts';

/** `monosema tokenize`. */
export async function tokenize(
  argument: string | undefined,
  { model, file, bos, json }: TokenizeOptions,
  signal: AbortSignal,
): Promise<void> {
  const text = await textFrom(argument, file);
  const tokenizer = await withModelFolder(model, (folder) => loadTokenizer(folder), signal);
  const ids = tokenizer.encode(text, { bos });
  const { vocabulary } = tokenizer;
  const texts = vocabulary.textsOf(ids);
  const tokens = tokenSpans(tokenizer, text, ids).map((span, i) => ({
    id: ids[i]!,
    text: texts[i]!,
    partial: vocabulary.isPartial(ids[i]!),
    ...span,
  }));
  if (json) {
    writeJson({ ids, tokens });
    return;
  }
  const lines = tokens.map(({ id, text, partial, start, end, byteStart, byteEnd }, i) => {
    const place = `${start}–${end}`.padEnd(11) + `${byteStart}–${byteEnd}`.padEnd(11);
    return `${String(i).padEnd(6)}${String(id).padEnd(8)}${place}${shown(text)}${partial ? '  part' : ''}\n`;
  });
  process.stdout.write(lines.join(''));
}
