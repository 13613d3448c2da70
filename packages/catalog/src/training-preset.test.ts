import { expect, test } from 'vitest';
import { launchableArchitectures, trainingRequestSchema } from './run.ts';
import { nestedWidths, trainingPreset } from './training-preset.ts';

test.each(launchableArchitectures)('the preset of %s makes a request, narrow and wide', (architecture) => {
  for (const dSae of [2, 512, 24_576]) {
    const { setName, ...preset } = trainingPreset(architecture, dSae);
    const request = trainingRequestSchema.parse({
      ...{
        modelId: 'gpt2-small',
        dataSetId: 'text',
        sourceId: `8-res-${setName}`,
        hookPoint: 'blocks.8.hook_resid_pre',
      },
      ...{ trainingTokens: 1e6, ...preset },
    });
    expect(request).toMatchObject({ architecture, dSae });
  }
});

test('wide SAEs take smaller steps, and Matryoshka levels end at the width', () => {
  expect(trainingPreset('topk', 1024).learningRate).toBe(4e-3);
  expect(trainingPreset('topk', 4096).learningRate).toBe(2e-3);
  expect(trainingPreset('topk', 128).learningRate).toBe(4e-3);
  expect(nestedWidths(1024)).toEqual([64, 256, 1024]);
  expect(nestedWidths(2)).toEqual([1, 2]);
});
