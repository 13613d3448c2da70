import type { OpenedSae } from '@monosema/sae/pretrained';
import { forOption } from '../exit.ts';
import { downloadBar } from '../session.ts';
import { Progress } from '../terminal.ts';
import type { SaeOptions } from './sae-options.ts';

export interface OpenReferenceOptions extends SaeOptions {
  /** The model, where the files do not say. */
  modelId?: string;
}

/**
 * Opens an SAE from wherever it is, with a bar for what has to be downloaded.
 *
 * @param option what errors name: the argument or option that holds the reference
 * @throws UsageError
 */
export async function openReference(
  option: string,
  reference: string,
  { layout, hook, hookOut, architecture, k, modelId }: OpenReferenceOptions,
  signal: AbortSignal,
): Promise<OpenedSae> {
  const { layoutNames, openSae } = await import('@monosema/sae/pretrained');
  const layoutName = layoutNames.find((name) => name === layout);
  const progress = new Progress();
  try {
    return await forOption(option, () => {
      if (layout !== undefined && layoutName === undefined)
        throw new Error(`--layout is ${layout}, none of ${layoutNames.join(', ')}`);
      return openSae(reference, {
        layout: layoutName,
        hints: {
          ...(hook !== undefined && { hookPoint: hook }),
          ...(hookOut !== undefined && { hookPointOut: hookOut }),
          ...(architecture !== undefined && { architecture }),
          ...(k !== undefined && { k }),
          ...(modelId !== undefined && { modelId }),
        },
        onProgress: downloadBar(progress),
        signal,
      });
    });
  } finally {
    progress.clear();
  }
}
