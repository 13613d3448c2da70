import { fileURLToPath } from 'node:url';
import { readTextDocuments } from './text-documents.ts';

/** Text to train on, and text of the same kind to measure on. */
export type Split = 'train' | 'heldOut';

/** A data set that comes with the project. */
export interface DataSet {
  readonly id: string;
  readonly displayName: string;
  readonly origin: string;
  /** SPDX identifier; the notice lies beside the text. */
  readonly licence: string;
  /** Path of the text of each split, UTF-8. */
  readonly files: Readonly<Record<Split, string>>;
}

export interface OpenDataSet extends DataSet {
  /** The documents of a split in file order, without white space around them. */
  documents(split: Split): string[];
}

const textFile = (name: string): string => fileURLToPath(new URL(`../data/text/${name}`, import.meta.url));

/** The data sets of this package. */
export const dataSets: readonly DataSet[] = [
  {
    id: 'tinystories',
    displayName: 'TinyStories (excerpt)',
    origin: 'https://huggingface.co/datasets/roneneldan/TinyStories (Ronen Eldan and Yuanzhi Li, 2023)',
    licence: 'CDLA-Sharing-1.0',
    files: { train: textFile('tinystories-train-a.txt'), heldOut: textFile('tinystories-validation.txt') },
  },
];

/**
 * The validation excerpt came without separators: it is cut where a paragraph opens a story in the usual words. A story
 * that opens otherwise stays with the one before it.
 */
const storyOpening = /\n\n(?=Once upon a time)/;

/**
 * Reads a bundled data set into memory.
 *
 * @throws when no data set of that name is bundled; the message lists those that are
 * @example const stories = (await openDataSet('tinystories')).documents('heldOut')
 */
export async function openDataSet(id: string): Promise<OpenDataSet> {
  const dataSet = dataSets.find((candidate) => candidate.id === id);
  if (!dataSet)
    throw new Error(`no data set "${id}"; there is ${dataSets.map((candidate) => candidate.id).join(', ')}`);
  const [train, heldOut] = await Promise.all([
    readTextDocuments(dataSet.files.train),
    readTextDocuments(dataSet.files.heldOut),
  ]);
  const splits: Record<Split, string[]> = { train, heldOut: heldOut.flatMap((text) => text.split(storyOpening)) };
  return { ...dataSet, documents: (split) => splits[split] };
}
