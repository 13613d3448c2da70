import { exampleGroupSchema, type ExampleGroup } from '@monosema/catalog';
import type { ByteReader, ByteWriter } from './byte-stream.ts';
import { readList, readOptional, writeList, writeOptional } from './lists.ts';

const kinds = exampleGroupSchema.shape.kind.options;

export function writeGroup(writer: ByteWriter, { kind, minimum, maximum, share, members }: ExampleGroup): void {
  writer.byte(kinds.indexOf(kind));
  for (const value of [minimum, maximum, share]) writeOptional(writer, value);
  writeList(writer, members, ({ example, position }) => {
    writer.varint(example);
    writer.varint(position);
  });
}

export function readGroup(reader: ByteReader): ExampleGroup {
  const kind = kinds[reader.byte()];
  if (!kind) throw reader.corrupt('a group of examples is of no known kind');
  const [minimum, maximum, share] = [readOptional(reader), readOptional(reader), readOptional(reader)];
  const members = readList(reader, 2, () => ({ example: reader.varint(), position: reader.varint() }));
  return { kind, minimum, maximum, share, members };
}
