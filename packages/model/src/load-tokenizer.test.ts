import { openModelFolder } from '@monosema/hub';
import { expect, test } from 'vitest';
import { loadModel, loadTokenizer } from './index.ts';

test('a tokenizer comes without the weights', async () => {
  const folder = await openModelFolder('stories-260k');
  const read: string[] = [];
  const tokenizer = await loadTokenizer({
    ...folder,
    file: (name) => (read.push(name), folder.file(name)),
    open: () => Promise.reject(new Error('a weight file is opened')),
  });
  expect(read.sort()).toEqual(['config.json', 'tokenizer.json', 'tokenizer_config.json']);
  const text = 'Once upon a time, naïve café';
  expect(tokenizer.encode(text)).toEqual((await loadModel(folder)).tokenizer.encode(text));
});
